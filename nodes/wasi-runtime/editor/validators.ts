/**
 * Validators of node properties: `true`, or a text that Node-RED shows as the reason, after the property's label. A
 * property may be empty where its default stands for it.
 */
import { decimalNumber } from '../../../src/platform/decimal-number';
import { text } from './texts';

/** As Node-RED hands them over. */
export interface ValidatorOptions {
  readonly label?: string;
}

export type Validator = (value: unknown, options?: ValidatorOptions) => true | string;

/** A whole number as a form keeps it: as text or number. */
export function whole(lowest: number, highest: number): Validator {
  return (value, options) => {
    const number = decimalNumber(value);
    if (isEmpty(value) || (Number.isInteger(number) && number >= lowest && number <= highest)) return true;
    return reason(options, text('validate.whole', { lowest, highest }));
  };
}

export const seconds: Validator = (value, options) => {
  return isEmpty(value) || decimalNumber(value) > 0 ? true : reason(options, text('validate.seconds'));
};

/** Of a page below Node-RED's own root. */
export const path: Validator = (value, options) => {
  return isEmpty(value) || String(value).startsWith('/') ? true : reason(options, text('validate.path'));
};

/** Why the list of what Modbus clients may write is wrong. */
export function wrongPoints(options: ValidatorOptions | undefined): string {
  return reason(options, text('validate.points'));
}

function isEmpty(value: unknown): boolean {
  return value === '' || value === undefined || value === null;
}

function reason(options: ValidatorOptions | undefined, words: string): string {
  return options?.label === undefined ? words : `${options.label}: ${words}`;
}
