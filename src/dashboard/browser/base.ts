/** "/x/wasi" and "/x/wasi/" alike; "./" before a name that a colon in it would make an address of its own. */
export function baseOf(pathname: string): string {
  return pathname.endsWith('/') ? './' : `./${pathname.slice(pathname.lastIndexOf('/') + 1)}/`;
}
