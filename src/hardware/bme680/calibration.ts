/**
 * The factory's coefficients of one BME680, from its three groups of registers (Bosch BME68x API v4.4.8,
 * `get_calib_data`; data sheet BST-BME680-DS001, section 3.11). Names are the data sheet's. `encodeCalibration` is the
 * inverse, for a simulated chip.
 */
import { COEFF1_BYTES, COEFF2_BYTES, COEFF3_BYTES } from './registers';

export interface Calibration {
  readonly parT1: number;
  readonly parT2: number;
  readonly parT3: number;
  readonly parP1: number;
  readonly parP2: number;
  readonly parP3: number;
  readonly parP4: number;
  readonly parP5: number;
  readonly parP6: number;
  readonly parP7: number;
  readonly parP8: number;
  readonly parP9: number;
  readonly parP10: number;
  readonly parH1: number;
  readonly parH2: number;
  readonly parH3: number;
  readonly parH4: number;
  readonly parH5: number;
  readonly parH6: number;
  readonly parH7: number;
  readonly parG1: number;
  readonly parG2: number;
  readonly parG3: number;
  readonly resHeatRange: number;
  readonly resHeatVal: number;
  readonly rangeSwitchingError: number;
}

/** As read from 0x8a, 0xe1 and 0x00. */
export interface CoefficientGroups {
  readonly coeff1: Uint8Array;
  readonly coeff2: Uint8Array;
  readonly coeff3: Uint8Array;
}

/** Offsets within each group. par_h1 and par_h2 are 12 bits wide and share the byte at H2_H1_LSB. */
const At1 = { T2: 0, T3: 2, P1: 4, P2: 6, P3: 8, P4: 10, P5: 12, P7: 14, P6: 15, P8: 18, P9: 20, P10: 22 } as const;
const At2 = {
  H2_MSB: 0,
  H2_H1_LSB: 1,
  H1_MSB: 2,
  H3: 3,
  H4: 4,
  H5: 5,
  H6: 6,
  H7: 7,
  T1: 8,
  G2: 10,
  G1: 12,
  G3: 13,
} as const;
const At3 = { RES_HEAT_VAL: 0, RES_HEAT_RANGE: 2, RANGE_SWITCHING_ERROR: 4 } as const;

const LITTLE_ENDIAN = true;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function parseCalibration(groups: CoefficientGroups): Calibration {
  const a = viewOf(groups.coeff1);
  const b = viewOf(groups.coeff2);
  const c = viewOf(groups.coeff3);
  return Object.freeze({
    parT1: b.getUint16(At2.T1, LITTLE_ENDIAN),
    parT2: a.getInt16(At1.T2, LITTLE_ENDIAN),
    parT3: a.getInt8(At1.T3),
    parP1: a.getUint16(At1.P1, LITTLE_ENDIAN),
    parP2: a.getInt16(At1.P2, LITTLE_ENDIAN),
    parP3: a.getInt8(At1.P3),
    parP4: a.getInt16(At1.P4, LITTLE_ENDIAN),
    parP5: a.getInt16(At1.P5, LITTLE_ENDIAN),
    parP6: a.getInt8(At1.P6),
    parP7: a.getInt8(At1.P7),
    parP8: a.getInt16(At1.P8, LITTLE_ENDIAN),
    parP9: a.getInt16(At1.P9, LITTLE_ENDIAN),
    parP10: a.getUint8(At1.P10),
    parH1: (b.getUint8(At2.H1_MSB) << 4) | (b.getUint8(At2.H2_H1_LSB) & 0x0f),
    parH2: (b.getUint8(At2.H2_MSB) << 4) | (b.getUint8(At2.H2_H1_LSB) >> 4),
    parH3: b.getInt8(At2.H3),
    parH4: b.getInt8(At2.H4),
    parH5: b.getInt8(At2.H5),
    parH6: b.getUint8(At2.H6),
    parH7: b.getInt8(At2.H7),
    parG1: b.getInt8(At2.G1),
    parG2: b.getInt16(At2.G2, LITTLE_ENDIAN),
    parG3: b.getInt8(At2.G3),
    resHeatRange: (c.getUint8(At3.RES_HEAT_RANGE) & 0x30) >> 4,
    resHeatVal: c.getInt8(At3.RES_HEAT_VAL),
    rangeSwitchingError: c.getInt8(At3.RANGE_SWITCHING_ERROR) >> 4,
  });
}

export function encodeCalibration(calibration: Calibration): CoefficientGroups {
  const groups = {
    coeff1: new Uint8Array(COEFF1_BYTES),
    coeff2: new Uint8Array(COEFF2_BYTES),
    coeff3: new Uint8Array(COEFF3_BYTES),
  };
  const a = viewOf(groups.coeff1);
  a.setInt16(At1.T2, calibration.parT2, LITTLE_ENDIAN);
  a.setInt8(At1.T3, calibration.parT3);
  a.setUint16(At1.P1, calibration.parP1, LITTLE_ENDIAN);
  a.setInt16(At1.P2, calibration.parP2, LITTLE_ENDIAN);
  a.setInt8(At1.P3, calibration.parP3);
  a.setInt16(At1.P4, calibration.parP4, LITTLE_ENDIAN);
  a.setInt16(At1.P5, calibration.parP5, LITTLE_ENDIAN);
  a.setInt8(At1.P6, calibration.parP6);
  a.setInt8(At1.P7, calibration.parP7);
  a.setInt16(At1.P8, calibration.parP8, LITTLE_ENDIAN);
  a.setInt16(At1.P9, calibration.parP9, LITTLE_ENDIAN);
  a.setUint8(At1.P10, calibration.parP10);
  const b = viewOf(groups.coeff2);
  b.setUint8(At2.H2_MSB, calibration.parH2 >> 4);
  b.setUint8(At2.H2_H1_LSB, ((calibration.parH2 & 0x0f) << 4) | (calibration.parH1 & 0x0f));
  b.setUint8(At2.H1_MSB, calibration.parH1 >> 4);
  b.setInt8(At2.H3, calibration.parH3);
  b.setInt8(At2.H4, calibration.parH4);
  b.setInt8(At2.H5, calibration.parH5);
  b.setUint8(At2.H6, calibration.parH6);
  b.setInt8(At2.H7, calibration.parH7);
  b.setUint16(At2.T1, calibration.parT1, LITTLE_ENDIAN);
  b.setInt16(At2.G2, calibration.parG2, LITTLE_ENDIAN);
  b.setInt8(At2.G1, calibration.parG1);
  b.setInt8(At2.G3, calibration.parG3);
  const c = viewOf(groups.coeff3);
  c.setInt8(At3.RES_HEAT_VAL, calibration.resHeatVal);
  c.setUint8(At3.RES_HEAT_RANGE, calibration.resHeatRange << 4);
  c.setInt8(At3.RANGE_SWITCHING_ERROR, calibration.rangeSwitchingError << 4);
  return groups;
}
