/** docs/mqtt.md says what the example and the code do: topics, the discovery message, the keep-alive. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { discoveryOf } from '../../src/readings/home-assistant';
import { readingOf } from '../readings/reading-of';
import { exampleFlow, theNode } from '../system/flow-nodes';
import { REPOSITORY } from '../wasm/components';

const text = (...path: string[]) => readFileSync(join(REPOSITORY, ...path), 'utf8');
const DOCUMENT = text('docs', 'mqtt.md');
const EXAMPLE = exampleFlow('09-mqtt-home-assistant');
const BROKER = theNode(EXAMPLE, 'mqtt-broker');

describe('docs/mqtt.md', () => {
  it('has each topic that the example names, and that of each message to its broker', () => {
    const named = JSON.stringify(EXAMPLE).match(/(pi4|homeassistant)\/[a-z0-9/]+/g) ?? [];
    assert.ok(named.length > 10);
    for (const topic of new Set(named)) assert.ok(DOCUMENT.includes(`\`${topic}\``), topic);
    for (const message of ['birth', 'close', 'will']) {
      const [topic, retain, qos] = ['Topic', 'Retain', 'Qos'].map((part) => BROKER[`${message}${part}`]);
      assert.deepEqual([topic, retain, qos], ['pi4/status', 'true', '1'], message);
    }
  });

  it('shows the discovery message that a number of the room sensor has', () => {
    const [, shown = ''] = /```json\n([\s\S]*?)```/.exec(DOCUMENT) ?? [];
    const { payload, topic } = discoveryOf(readingOf({ sensorId: 'dht22' }), 'temperature', 30);
    assert.deepEqual(JSON.parse(shown), JSON.parse(payload));
    const form = topic.replace('dht22-dht22-temperature', '<plugin>-<sensor>-<field>');
    assert.ok(DOCUMENT.includes(`\`${form}\``), form);
  });

  it('has the keep-alive of the examples', () => {
    const others = theNode(exampleFlow('05-mqtt-out'), 'mqtt-broker');
    for (const broker of [BROKER, others])
      assert.ok(DOCUMENT.includes(`The examples set it to ${broker['keepalive']} s`));
  });

  it('is linked from the README and delivered with the package', () => {
    assert.ok(text('README.md').includes('(docs/mqtt.md)'));
    const { files }: { files: readonly string[] } = JSON.parse(text('package.json'));
    assert.ok(files.includes('docs/*.md'));
  });
});
