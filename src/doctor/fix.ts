/** What an administrator does about a finding. */
export interface Fix {
  /** A sentence without its lines: "add this line to /boot/firmware/config.txt and reboot". */
  readonly how: string;
  /** Exactly as they are to be typed or pasted; none where hands are needed. */
  readonly lines: readonly string[];
}
