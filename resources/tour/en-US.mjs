/** What the guided first run says, by step; `href` names a link of first-run.mjs. */
export default {
  welcome: {
    title: 'WASI sensor plugins',
    description:
      '<p>Three minutes from here to a sensor plugin of your own: nodes, a running example with sliders, the settings, and ten lines of Python.</p><p>Nothing is deployed without you, and without sensors everything is simulated.</p>',
  },
  palette: {
    title: 'The nodes',
    description:
      '<p>They stand under <b>edge wasi</b>. <b>plugin poll</b> asks a sensor plugin, <b>LED sync</b> shows its LEDs, <b>wasi dashboard</b> serves a page, <b>modbus gateway</b> serves registers, and <b>hardware sim</b> moves the simulated world.</p>',
  },
  import: {
    title: 'The examples',
    description:
      '<p>Each node has one: <b>Import → Examples → @edge-wasi/node-red-wasi → flows</b> in the menu.</p><p><b>Next</b> imports <i>10-heat-the-room</i> onto a tab of its own.</p>',
  },
  flow: {
    title: 'A poll',
    description:
      '<p>This node polls all sensor plugins every 3 s. Each is a WebAssembly component in a thread of its own and reaches only what it was granted: one that hangs or crashes is stopped, and Node-RED goes on.</p>',
  },
  deploy: {
    title: 'Deploy',
    description: '<p>Deploy, and the plugins are loaded. (Where all is deployed already, go on.)</p>',
  },
  status: {
    title: 'The status',
    description:
      '<p>Yellow: loading. Blue: polling. Green: it worked, with the newest value. Red: it failed, with the reason. Grey: disabled, or no such hardware.</p><p><b>(sim)</b> says that the value is simulated.</p>',
  },
  page: {
    title: 'Two pages',
    description:
      '<p><a href="heat">Heat the room</a> has the sliders, <a href="dashboard">the dashboard</a> the readings. Open both, heat the room above 30&nbsp;°C, and come back.</p>',
  },
  buttons: {
    title: 'The same by a button',
    description:
      '<p>Press <b>hot</b>: <b>hardware sim</b> is sent <code>{"dht22_temperature": 33}</code>. The others cool the room, break the sensor and try buzzer and fan.</p>',
  },
  alarm: {
    title: 'The alarm',
    description:
      '<p>Once the sensor has measured it (a DHT22 takes 2.5 s), the alarm is told here once when it rises, and once when it ends. The LED of the room is red meanwhile.</p>',
  },
  form: {
    title: 'The runtime',
    description:
      '<p>All nodes share it. It loads the plugins and owns the devices. Here it lists what it found: the state of each plugin, what it asks for and what it was granted. <b>host.toml</b> is edited in the next tab, with every mistake marked at its line.</p>',
  },
  plugins: {
    title: 'Plugins of your own',
    description:
      '<p>Drop a <code>.wasm</code> here: you see what it asks for before anything of it is installed or run, and you say what it gets. Or copy it into the plugin folder; a new file is taken over between two polls.</p>',
  },
  own: {
    title: 'Write your own',
    description:
      '<p>A plugin is ten lines of Python. <code>docs/clock</code> of this package has them, with the command that builds them. Copy that folder, and in it:</p><pre>pip install componentize-py\nsh build.sh\ncp clock.wasm ~/.node-red/wasi/plugins/</pre><p>Then choose <code>clock</code> in a <b>plugin poll</b> node. <a href="documentation">The documentation</a> goes on from there.</p>',
  },
  end: {
    title: 'That was it',
    description:
      '<p>The other examples are in the menu under Import. The tour is in the action list: <b>WASI: take the tour</b>.</p>',
  },
};
