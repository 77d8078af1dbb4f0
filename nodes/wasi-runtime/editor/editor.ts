/** What wasi-runtime.html runs in Node-RED's editor: its own form, and what the forms of the other nodes share. */
import { RuntimeForm } from './runtime-form';
import { sharedForms } from './shared-forms';

interface RuntimeNode extends EditorNode {
  edgeWasiForm?: RuntimeForm;
}

window.edgeWasi = sharedForms;

RED.nodes.registerType('wasi-runtime', {
  category: 'config',
  color: '#b7a5dd',
  defaults: {
    name: { value: '' },
    configSource: { value: 'file' },
    configFile: { value: '' },
    configText: { value: '' },
    pluginDir: { value: '' },
    hardware: { value: 'auto' },
  },
  credentials: { clusterPassword: { type: 'password' } },
  label(this: RuntimeNode) {
    return this.name || this._('label.unnamed');
  },
  labelStyle(this: RuntimeNode) {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare(this: RuntimeNode) {
    this.edgeWasiForm = new RuntimeForm(this.id);
  },
  oneditsave(this: RuntimeNode) {
    this.edgeWasiForm?.save();
    delete this.edgeWasiForm;
  },
  oneditcancel(this: RuntimeNode) {
    this.edgeWasiForm?.close();
    delete this.edgeWasiForm;
  },
  oneditdelete(this: RuntimeNode) {
    this.edgeWasiForm?.close();
    delete this.edgeWasiForm;
  },
  oneditresize(this: RuntimeNode) {
    this.edgeWasiForm?.resize();
  },
});
