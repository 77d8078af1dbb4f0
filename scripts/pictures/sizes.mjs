/**
 * README's pictures: their names in docs/images, the part of the screen each shows in CSS pixels, and how many pixels of
 * the picture one of those is.
 */
export const PICTURES = {
  'poll-cycle.png': { width: 1480, height: 520, scale: 1.5 },
  'runtime-form.png': { width: 720, height: 760, scale: 1.5 },
  'dashboard-light.png': { width: 1280, height: 800, scale: 1 },
  'dashboard-dark-phone.png': { width: 390, height: 844, scale: 1.5 },
  /** Animated. */
  'heat-the-room.png': { width: 400, height: 640, scale: 1 },
};

/** A README that takes longer to load than to read is a bad one. */
export const MAX_BYTES = 1_500_000;
export const MAX_SECONDS = 12;
