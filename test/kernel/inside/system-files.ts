/** Files of the kernel (sysfs, configfs, debugfs): written whole in one call, read without their newline. */
import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';

/** Many may be written to and not read, and none may be created. */
export function write(file: string, text: string): void {
  const fd = openSync(file, constants.O_WRONLY);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}

export function read(file: string): string {
  return readFileSync(file, 'utf8').trimEnd();
}

/** Names in a folder; none where it is not there. */
export function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
