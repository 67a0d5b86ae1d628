import { SdkError } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { errorToApi, isUnexpected } from '../src/http/api-error.ts';

describe('an error that is not the gateway’s own', () => {
  it('says that the ledger is out of reach, not where, and that it may be asked again', () => {
    const error = new SdkError(
      { code: 'SOURCE_UNREACHABLE', source: 'http://10.0.0.7/rpc', reason: 'refused' },
      'http://10.0.0.7/rpc cannot be reached.',
    );
    const { status, headers, body } = errorToApi(error);
    expect([status, body.error.code, headers['retry-after']]).toEqual([503, 'ledger_unreachable', '1']);
    expect(JSON.stringify(body)).not.toContain('10.0.0.7');
    expect(isUnexpected(error)).toBe(true);
  });

  it('says that what a node tells of the ledger is not proved', () => {
    const error = new SdkError(
      { code: 'LIGHT_VALUE_REFUSED', source: '10.0.0.7', key: 'k', height: '7', reason: 'the root differs' },
      'What 10.0.0.7 says is refused.',
    );
    const { status, body } = errorToApi(error);
    expect([status, body.error.code]).toEqual([502, 'ledger_not_proved']);
    expect(body.error.message).toContain('LIGHT_VALUE_REFUSED');
    expect(JSON.stringify(body)).not.toContain('10.0.0.7');
  });

  it('shows nothing else', () => {
    const { status, body } = errorToApi(new Error('a secret'));
    expect([status, body.error.code]).toEqual([500, 'internal_error']);
    expect(JSON.stringify(body)).not.toContain('secret');
  });
});
