import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeCalibration, parseCalibration } from '../../../src/hardware/bme680/calibration';
import { CHIP_CALIBRATION } from '../../../src/hardware/simulated/bme680-chip';

/** CHIP_CALIBRATION laid out by hand after the BME68x API's table of coefficient indices; 0xaa is a byte without meaning. */
const COEFF1 = [
  ...[0x65, 0x67, 0x03, 0xaa, 0x41, 0x8f, 0xed, 0xd6, 0x58, 0xaa, 0x8e, 0x1c, 0x7f, 0xff],
  ...[0x2e, 0x1e, 0xaa, 0xaa, 0x97, 0xf3, 0xb5, 0xf6, 0x1e],
];
const COEFF2 = [0x40, 0x54, 0x2a, 0x00, 0x2d, 0x14, 0x78, 0x9c, 0xb9, 0x65, 0x4e, 0x9f, 0xe2, 0x12];
const COEFF3 = [0x30, 0xaa, 0x9a, 0xaa, 0x0a];

describe("the sensor's coefficients", () => {
  it('are found where the data sheet puts them', () => {
    const parsed = parseCalibration({
      coeff1: Uint8Array.from(COEFF1),
      coeff2: Uint8Array.from(COEFF2),
      coeff3: Uint8Array.from(COEFF3),
    });
    assert.deepEqual(parsed, CHIP_CALIBRATION);
  });

  it('keep the sign of the range switching error, which is a nibble', () => {
    const groups = { coeff1: new Uint8Array(23), coeff2: new Uint8Array(14), coeff3: Uint8Array.of(0, 0, 0, 0, 0xf7) };
    assert.equal(parseCalibration(groups).rangeSwitchingError, -1);
  });

  it('come back from a simulated chip as they were put in', () => {
    const odd = { ...CHIP_CALIBRATION, parH1: 0xabc, parH2: 0x123, rangeSwitchingError: -8, resHeatRange: 3 };
    assert.deepEqual(parseCalibration(encodeCalibration(odd)), odd);
  });
});
