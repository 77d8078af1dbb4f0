/**
 * The option by which Node.js limits what a process may open (https://nodejs.org/api/permissions.html): without a flag of
 * experiments since 22.13.0 and 23.5.0. Of the versions before, only the newer ones of line 20 are used: 20.11 refuses a program
 * that was given several folders.
 */
export function permissionFlag(version: string): '--permission' | '--experimental-permission' | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 13)) return '--permission';
  return major === 20 && minor >= 18 ? '--experimental-permission' : undefined;
}
