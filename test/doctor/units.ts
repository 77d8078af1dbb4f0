/** What `systemctl show` prints of three units, of which one is installed. */

const USUAL: Readonly<Record<string, string>> = {
  Id: 'nodered.service',
  LoadState: 'loaded',
  ActiveState: 'active',
  MainPID: '812',
  User: '',
  Group: '',
  SupplementaryGroups: '',
  PrivateDevices: 'no',
  DevicePolicy: 'auto',
  ProtectSystem: 'no',
  ProtectHome: 'no',
  ReadWritePaths: '',
  InaccessiblePaths: '',
};

/** `DeviceAllow` as systemd prints it: a line for each. */
export function unit(different: Readonly<Record<string, string>>, deviceAllow: readonly string[] = []): string {
  const lines = Object.entries({ ...USUAL, ...different }).map(([key, value]) => `${key}=${value}`);
  const absent = 'Id=node-red.service\nLoadState=not-found\nActiveState=inactive\nMainPID=0\nUser=';
  return [absent, [...lines, ...deviceAllow.map((device) => `DeviceAllow=${device}`)].join('\n')]
    .join('\n\n')
    .concat('\n');
}
