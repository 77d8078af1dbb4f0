import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Notices } from '../../src/hardware/notices';

function noticesOf() {
  const said: string[] = [];
  return { said, notices: new Notices(({ level, text }) => said.push(`${level} ${text}`)) };
}

describe('what the devices have to say by themselves', () => {
  it('is said once until it changes or is over', () => {
    const { said, notices } = noticesOf();
    notices.trouble('fan', 'missing');
    notices.trouble('fan', 'missing');
    notices.trouble('fan', 'busy');
    notices.fine('fan', 'works');
    notices.fine('fan', 'works');
    notices.trouble('fan', 'missing');
    assert.deepEqual(said, ['warn missing', 'warn busy', 'info works', 'warn missing']);
  });

  it('is said once of a cause that several devices share', () => {
    const { said, notices } = noticesOf();
    notices.trouble('bus 1', 'bus 1 is missing');
    notices.trouble('sensor', 'bus 1 is missing');
    assert.deepEqual(said, ['warn bus 1 is missing']);
  });

  it('is bounded, whatever is asked for', () => {
    const { said, notices } = noticesOf();
    for (let device = 0; device < 1_000; device += 1) notices.trouble(`${device}`, `no ${device}`);
    assert.equal(said.length, 64);
    notices.fine('0', '0 works');
    notices.trouble('later', 'no later');
    assert.deepEqual(said.slice(64), ['info 0 works', 'warn no later']);
  });
});
