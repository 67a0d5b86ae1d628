/** Public facts of drand's quicknet, scheme bls-unchained-g1-rfc9380, and some of its pulses. */
export const QUICKNET = {
  publicKey:
    '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
  pulses: [
    [
      1000n,
      'b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39',
      'fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd',
    ],
    [
      1001n,
      'b33bf3667cbd5a82de3a24b4e0e9fe5513cc1a0e840368c6e31f5fcfa79bea03f73896b25883abf2853d10337fb8fa41',
      'b0a591ad1b9002cfc372ac6e30abd3da8d3088d4caae026961743474fb94235f',
    ],
    [
      1002n,
      'ab066f9c12dd6de1336fca0f925192fb0c72a771c3e4c82ede1fd362c1a770f9eb05843c6308ce2530b53a99c0281a6e',
      null,
    ],
    [
      1003n,
      'b104c82771698f45fd8dcfead083d482694c31ab519bcef077f126f3736fe98c8392fd5d45d88aeb76b56ccfcb0296d7',
      null,
    ],
    [
      657413n,
      'b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b',
      'fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587',
    ],
  ] as const,
} as const;

/**
 * A key that drand's Go implementation locked to round 2 of a mainnet beacon with signatures on G1, and that round's
 * pulse. The hash to the curve of that beacon was another; opening does not use it.
 */
export const TLOCK_FROM_GO = {
  signature:
    'a050676d1a1b6ceedb5fb3281cdfe88695199971426ff003c0862460b3a72811328a07ecd53b7d57fc82bb67f35efaf1',
  /** The 16-byte key behind it: with it, the authentication of that file's header comes out right. */
  key: '12b36cf5108dd197294b01255e436c4c',
  stanza:
    'sEp/UZAAyCJ15ALCiAgCQ6pGuzRWKI32JlBpqPP3puoudSkl49rt4/k2gtPyU14qCw0DcUBURYhOe+F6lHOeLX02FM297Pjp6PY/OVcshnXj15LmOEyuu29CrbFAu7Jhqlen1mipN5e3xZUC+1AkcKVwIOnF2Vio/yJd4E2TxPY',
} as const;
