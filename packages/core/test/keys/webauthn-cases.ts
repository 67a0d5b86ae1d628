import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { base64urlnopad } from '@scure/base';
import {
  concatBytes,
  createPureCrypto,
  encode,
  lowerP256Signature,
  utf8ToBytes,
  webauthnAssertionShape,
  webauthnChallenge,
} from '../../src/index.ts';

export const MESSAGE = utf8ToBytes('the sign bytes of a transaction');
const KEY = p256.keygen(seed48('cairn/webauthn'));
export const PUBLIC_KEY: Uint8Array = KEY.publicKey;

function seed48(label: string): Uint8Array {
  const half = sha256(utf8ToBytes(label));
  return concatBytes(half, half.subarray(0, 16));
}

const CHALLENGE = base64urlnopad.encode(webauthnChallenge(createPureCrypto(), MESSAGE));

interface Ceremony {
  rpId?: string;
  /** What the authenticator hashes, when it is not `rpId`. */
  hashedRpId?: string;
  flags?: number;
  /** Bytes after the counter. */
  extensions?: Uint8Array;
  /** Bytes cut off the end of the authenticator data. */
  cut?: number;
  /** Text or bytes of the client data; an object is written in the order a browser writes it. */
  clientData?: string | Uint8Array | Record<string, unknown>;
  signWith?: Uint8Array;
  tamper?: (signature: Uint8Array) => Uint8Array;
}

const clientData = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: 'webauthn.get',
  challenge: CHALLENGE,
  origin: 'https://cairn.example',
  crossOrigin: false,
  ...changes,
});

/** An assertion as an authenticator and a browser would make it, with whatever fault is asked for. */
export function anAssertion(ceremony: Ceremony = {}): Uint8Array {
  const rpId = ceremony.rpId ?? 'cairn.example';
  const whole = concatBytes(
    sha256(utf8ToBytes(ceremony.hashedRpId ?? rpId)),
    Uint8Array.of(ceremony.flags ?? 0x05, 0, 0, 0, 9),
    ceremony.extensions ?? new Uint8Array(),
  );
  const authenticatorData = whole.subarray(0, whole.length - (ceremony.cut ?? 0));
  const data = ceremony.clientData ?? clientData();
  const written = typeof data === 'string' || data instanceof Uint8Array ? data : JSON.stringify(data);
  const clientDataJson = typeof written === 'string' ? utf8ToBytes(written) : written;
  const signed = concatBytes(authenticatorData, sha256(clientDataJson));
  const signature = lowerP256Signature(p256.sign(signed, ceremony.signWith ?? KEY.secretKey));
  const tampered = ceremony.tamper?.(signature) ?? signature;
  return encode(webauthnAssertionShape, { rpId, authenticatorData, clientDataJson, signature: tampered });
}

const withData = (changes: Record<string, unknown>, rest: Ceremony = {}): Uint8Array =>
  anAssertion({ ...rest, clientData: clientData(changes) });

const without = (name: string): Uint8Array => {
  const { [name]: _, ...rest } = clientData();
  return anAssertion({ clientData: rest });
};

const atOrigin = (rpId: string, origin: string): Uint8Array => withData({ origin }, { rpId });
const bytes = (...list: number[]): Uint8Array => Uint8Array.from(list);
const json = JSON.stringify(clientData());

/** Each is signed by the right key over what it holds, so only the named fault can be why it is refused. */
export function makeWebauthnCases(): { what: string; assertion: Uint8Array; valid: boolean }[] {
  const good: [string, Uint8Array][] = [
    ['plain', anAssertion()],
    ['a synced passkey', anAssertion({ flags: 0x1d })],
    ['a client that leaves crossOrigin out', without('crossOrigin')],
    [
      'a member that a later browser may add',
      withData({ other_keys_can_be_added_here: 'as the standard says' }),
    ],
    ['another port', atOrigin('cairn.example', 'https://cairn.example:8443')],
    ['a page below the relying party', atOrigin('cairn.example', 'https://app.cairn.example')],
    ['localhost without TLS', atOrigin('localhost', 'http://localhost:8470')],
    ['localhost with TLS', atOrigin('localhost', 'https://localhost')],
    [
      'an extension output',
      anAssertion({ flags: 0x85, extensions: bytes(0xa1, 0x63, 0x75, 0x76, 0x6d, 0x82, 1, 0xf5) }),
    ],
    ['an empty extension map', anAssertion({ flags: 0x85, extensions: bytes(0xa0) })],
    ['white space in the client data', anAssertion({ clientData: ` ${json}\n` })],
    ['members inside of members', withData({ extra: { type: 'x', list: [{ origin: '"}:{' }] } })],
  ];
  const bad: [string, Uint8Array][] = [
    ['a registration', withData({ type: 'webauthn.create' })],
    ['a type that is no text', withData({ type: ['webauthn.get'] })],
    ['another challenge', withData({ challenge: base64urlnopad.encode(sha256(MESSAGE.subarray(1))) })],
    ['the message itself as challenge', withData({ challenge: base64urlnopad.encode(MESSAGE) })],
    ['a padded challenge', withData({ challenge: `${CHALLENGE}=` })],
    ['a missing type', without('type')],
    ['a missing challenge', without('challenge')],
    ['a missing origin', without('origin')],
    ['an origin without TLS', atOrigin('cairn.example', 'http://cairn.example')],
    ['an origin without TLS below localhost', atOrigin('localhost', 'http://evil.localhost')],
    ['localhost for another relying party', atOrigin('cairn.example', 'http://localhost')],
    ['another origin', atOrigin('cairn.example', 'https://evil.example')],
    ['an origin that only ends alike', atOrigin('cairn.example', 'https://evilcairn.example')],
    ['an origin that only starts alike', atOrigin('cairn.example', 'https://cairn.example.evil.net')],
    ['an origin above the relying party', atOrigin('app.cairn.example', 'https://cairn.example')],
    ['an origin with a user', atOrigin('cairn.example', 'https://cairn.example@evil.net')],
    ['an origin with a path', atOrigin('cairn.example', 'https://cairn.example/')],
    ['an origin with a fragment', atOrigin('cairn.example', 'https://evil.net#.cairn.example')],
    ['an origin with a line end', atOrigin('cairn.example', 'https://cairn.example\n')],
    ['an origin in capitals', atOrigin('cairn.example', 'https://CAIRN.example')],
    ['an origin with an empty label', atOrigin('cairn.example', 'https://.cairn.example')],
    ['an origin with a port out of range', atOrigin('cairn.example', 'https://cairn.example:65536')],
    ['an app instead of a page', atOrigin('cairn.example', 'android:apk-key-hash:c2lnbmF0dXJl')],
    ['an empty relying party', atOrigin('', 'https://cairn.example')],
    ['a relying party in capitals', atOrigin('Cairn.example', 'https://Cairn.example')],
    ['a relying party with a dot at the end', atOrigin('cairn.example.', 'https://cairn.example.')],
    ['a relying party that is a pattern', atOrigin('.*', 'https://cairn.example')],
    ['an embedded page', withData({ crossOrigin: true })],
    ['crossOrigin that is no truth value', withData({ crossOrigin: 0 })],
    ['crossOrigin null', withData({ crossOrigin: null })],
    ['a top origin', withData({ topOrigin: 'https://evil.example' })],
    ['the hash of another relying party', anAssertion({ hashedRpId: 'evil.example' })],
    ['nobody present', anAssertion({ flags: 0x04 })],
    ['nobody verified', anAssertion({ flags: 0x01 })],
    ['backed up but not eligible', anAssertion({ flags: 0x15 })],
    ['reserved bit 1', anAssertion({ flags: 0x07 })],
    ['reserved bit 5', anAssertion({ flags: 0x25 })],
    ['attested credential data', anAssertion({ flags: 0x45 })],
    ['truncated authenticator data', anAssertion({ cut: 1 })],
    ['no authenticator data', anAssertion({ cut: 37 })],
    ['bytes after the counter', anAssertion({ extensions: bytes(0) })],
    ['an extension flag without extensions', anAssertion({ flags: 0x85 })],
    ['extensions without their flag', anAssertion({ flags: 0x05, extensions: bytes(0xa0) })],
    ['bytes after the extensions', anAssertion({ flags: 0x85, extensions: bytes(0xa0, 0) })],
    ['extensions that are no map', anAssertion({ flags: 0x85, extensions: bytes(0x80) })],
    ['extensions of indefinite length', anAssertion({ flags: 0x85, extensions: bytes(0xbf, 0xff) })],
    ['extensions that stop early', anAssertion({ flags: 0x85, extensions: bytes(0xa1, 0x61, 0x61) })],
    [
      'extensions with a length not written shortest',
      anAssertion({ flags: 0x85, extensions: bytes(0xb8, 0) }),
    ],
    [
      'extensions nested too deep',
      anAssertion({ flags: 0x85, extensions: bytes(0xa1, 1, 0x81, 0x81, 0x81, 0x81, 1) }),
    ],
    ['extensions with a tag', anAssertion({ flags: 0x85, extensions: bytes(0xa1, 1, 0xc0, 1) })],
    [
      'extensions that promise 2^32 members',
      anAssertion({ flags: 0x85, extensions: bytes(0xba, 0xff, 0xff, 0xff, 0xff) }),
    ],
    ['a repeated member', anAssertion({ clientData: json.replace('{', '{"type":"webauthn.get",') })],
    [
      'a member repeated with an escape',
      anAssertion({ clientData: json.replace('{', '{"typ\\u0065":"webauthn.create",') }),
    ],
    ['a byte order mark', anAssertion({ clientData: `\ufeff${json}` })],
    ['text after the client data', anAssertion({ clientData: `${json}{}` })],
    ['client data that is no JSON', anAssertion({ clientData: json.slice(0, -1) })],
    ['client data that is a list', anAssertion({ clientData: `[${json}]` })],
    ['client data that is null', anAssertion({ clientData: 'null' })],
    [
      'client data that is not UTF-8',
      anAssertion({
        clientData: concatBytes(utf8ToBytes(`${json.slice(0, -1)},"x":"`), bytes(0xff), utf8ToBytes('"}')),
      }),
    ],
    ['no client data', anAssertion({ clientData: '' })],
    ['members of the prototype', anAssertion({ clientData: `{"__proto__":${json}}` })],
    ['another key', anAssertion({ signWith: sha256(utf8ToBytes('another key')) })],
    ['a signature of zeros', anAssertion({ tamper: () => new Uint8Array(64) })],
    ['a signature with high s', anAssertion({ tamper: raise })],
    [
      'a changed signature',
      anAssertion({ tamper: (signature) => signature.with(0, (signature[0] as number) ^ 1) }),
    ],
    ['bytes after the envelope', concatBytes(anAssertion(), bytes(0))],
    ['an envelope cut short', anAssertion().subarray(0, -1)],
    ['no envelope', bytes()],
  ];
  return [
    ...good.map(([what, assertion]) => ({ what, assertion, valid: true })),
    ...bad.map(([what, assertion]) => ({ what, assertion, valid: false })),
  ];
}

/** The same signature with n − s for s. */
function raise(signature: Uint8Array): Uint8Array {
  const { r, s } = p256.Signature.fromBytes(signature);
  return new p256.Signature(r, p256.Point.Fn.ORDER - s).toBytes();
}
