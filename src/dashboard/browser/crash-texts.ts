/** What is said instead of a page that crashed a tab. */
interface CrashTexts {
  readonly language: string;
  readonly heading: string;
  readonly lines: readonly string[];
  readonly button: string;
}

/** `language`: of the browser; German, or English for any other. `crashedAt`: ms since 1970. */
export function crashTexts(language: string, plugin: string, crashedAt: number): CrashTexts {
  const time = new Date(crashedAt).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
  if (/^de\b/i.test(language)) {
    return {
      language: 'de',
      heading: `Die Seite des Plugins ${plugin} ist abgeschaltet`,
      lines: [
        `Ein Tab dieses Browsers ist abgestürzt, während er diese Seite zeigte (bemerkt: ${time}). Sie wird nicht mehr von selbst angezeigt. Sensoren werden weiter abgefragt.`,
        'Stürzt der Tab wieder ab, so schalten Sie das Plugin ab oder ersetzen Sie es durch eine andere Version.',
      ],
      button: 'Seite wieder anzeigen',
    };
  }
  return {
    language: 'en',
    heading: `The page of plugin ${plugin} is off`,
    lines: [
      `A tab of this browser crashed while it showed this page (noticed: ${time}). The page is not shown again by itself. Sensors are still polled.`,
      'If the tab crashes again, disable the plugin or replace it with another version.',
    ],
    button: 'Show the page again',
  };
}
