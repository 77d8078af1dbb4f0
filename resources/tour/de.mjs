/** Was der Rundgang sagt, nach Schritten; `href` nennt einen Link aus first-run.mjs. */
export default {
  welcome: {
    title: 'WASI-Sensor-Plugins',
    description:
      '<p>In drei Minuten zum eigenen Sensor-Plugin: die Knoten, ein laufendes Beispiel mit Schiebereglern, die Einstellungen und zehn Zeilen Python.</p><p>Ohne Sie wird nichts übernommen, und ohne Sensoren ist alles simuliert.</p>',
  },
  palette: {
    title: 'Die Knoten',
    description:
      '<p>Sie stehen unter <b>edge wasi</b>. <b>Plugin abfragen</b> fragt ein Sensor-Plugin, <b>LEDs anzeigen</b> zeigt dessen LEDs, das <b>Dashboard</b> bietet eine Seite, das <b>Modbus-Gateway</b> Register, und <b>Welt simulieren</b> bewegt die simulierte Welt.</p>',
  },
  import: {
    title: 'Die Beispiele',
    description:
      '<p>Für jeden Knoten gibt es eines: <b>Import → Beispiele → @edge-wasi/node-red-wasi → flows</b> im Menü.</p><p><b>Weiter</b> importiert <i>10-heat-the-room</i> auf einen eigenen Tab.</p>',
  },
  flow: {
    title: 'Eine Abfrage',
    description:
      '<p>Dieser Knoten fragt alle 3 s alle Sensor-Plugins ab. Jedes ist eine WebAssembly-Komponente in einem eigenen Thread und erreicht nur, was ihm gewährt wurde: eines, das hängt oder abstürzt, wird beendet, und Node-RED läuft weiter.</p>',
  },
  deploy: {
    title: 'Übernehmen (Deploy)',
    description:
      '<p>Mit diesem Knopf werden die Plugins geladen. (Ist schon alles übernommen, geht es gleich weiter.)</p>',
  },
  status: {
    title: 'Der Status',
    description:
      '<p>Gelb: lädt. Blau: fragt ab. Grün: hat geklappt, mit dem neuesten Wert. Rot: misslungen, mit dem Grund. Grau: abgeschaltet, oder solche Hardware gibt es hier nicht.</p><p><b>(sim)</b> heißt, dass der Wert simuliert ist.</p>',
  },
  page: {
    title: 'Zwei Seiten',
    description:
      '<p><a href="heat">Heat the room</a> hat die Schieberegler, <a href="dashboard">das Dashboard</a> die Messwerte. Öffnen Sie beide, heizen Sie den Raum über 30&nbsp;°C und kommen Sie wieder.</p>',
  },
  buttons: {
    title: 'Dasselbe mit einem Knopf',
    description:
      '<p>Drücken Sie <b>hot</b>: <b>Welt simulieren</b> erhält <code>{"dht22_temperature": 33}</code>. Die anderen kühlen den Raum, lassen den Sensor ausfallen und erproben Summer und Lüfter.</p>',
  },
  alarm: {
    title: 'Der Alarm',
    description:
      '<p>Hat der Sensor gemessen (ein DHT22 braucht 2,5 s), wird der Alarm hier einmal gemeldet, wenn er kommt, und einmal, wenn er geht. Die LED des Raums ist so lange rot.</p>',
  },
  form: {
    title: 'Die Laufzeit',
    description:
      '<p>Alle Knoten teilen sie sich. Sie lädt die Plugins und besitzt die Geräte. Hier steht, was sie gefunden hat: der Zustand jedes Plugins, was es verlangt und was ihm gewährt ist. <b>host.toml</b> wird im nächsten Reiter bearbeitet, jeder Fehler an seiner Zeile markiert.</p>',
  },
  plugins: {
    title: 'Eigene Plugins',
    description:
      '<p>Legen Sie eine <code>.wasm</code>-Datei hier ab: Sie sehen, was sie verlangt, bevor etwas davon installiert oder ausgeführt wird, und bestimmen, was sie bekommt. Oder kopieren Sie sie in den Plugin-Ordner; eine neue Datei wird zwischen zwei Abfragen übernommen.</p>',
  },
  own: {
    title: 'Ein eigenes Plugin',
    description:
      '<p>Ein Plugin sind zehn Zeilen Python. <code>docs/clock</code> in diesem Paket enthält sie, mit dem Befehl, der sie baut. Kopieren Sie diesen Ordner, und darin:</p><pre>pip install componentize-py\nsh build.sh\ncp clock.wasm ~/.node-red/wasi/plugins/</pre><p>Danach <code>clock</code> in einem Knoten <b>Plugin abfragen</b> wählen. Weiter geht es in der <a href="documentation">Dokumentation</a> (englisch).</p>',
  },
  end: {
    title: 'Das war es',
    description:
      '<p>Die übrigen Beispiele stehen im Menü unter Import. Den Rundgang gibt es wieder in der Aktionsliste: <b>WASI: Rundgang</b>.</p>',
  },
};
