// Generates the content of a configuration.json, from valid to damaged.
'use strict'

/** @typedef {InstanceType<typeof import('./random.js').Random>} Random */

/** Values as JSON texts, so that numbers can be spelled in every way: usual ones and odd ones. */
const VALUES = {
  health: {
    usual: ['"running"'],
    odd: [
      '"starting"',
      '"restarting"',
      '"stopped"',
      '"Running"',
      '"\\u0072unning"',
      '""',
      '1',
      'null',
      '["running"]',
      '"\\ud800"',
    ],
  },
  port: {
    usual: ['1337', '1338', '8080', '1', '65535'],
    odd: [
      '0',
      '-0',
      '-1',
      '65536',
      '70000',
      '1337.0',
      '1337.5',
      '1.337e3',
      '133700e-2',
      '1e400',
      '"1337"',
      'null',
      'true',
      '[1337]',
      '12345678901234567890',
    ],
  },
  address: {
    usual: ['"127.0.0.1"', '"192.168.1.20"', '"10.0.0.7"'],
    odd: [
      '"0.0.0.0"',
      '"::"',
      '"::1"',
      '"0:0:0:0:0:0:0:0"',
      '"fe80::1"',
      '"FE80::1"',
      '"fe80::1%en0"',
      '"[::1]"',
      '"::ffff:10.0.0.7"',
      '"1::2::3"',
      '"localhost"',
      '"Mac-Studio.local"',
      '"mac.local."',
      '"my_mac"',
      '"-mac"',
      '"mac..local"',
      '"m\u00e4c"',
      '"mac 1"',
      '"xn--mac"',
      '"127.1"',
      '"127.0.0.01"',
      '"256.1.1.1"',
      '"0x7f.1"',
      '"a.b.1"',
      '"a.0x1f"',
      '"1.2.3.4.5"',
      '"127.0.0.1."',
      '"127.0.0.1:80"',
      '""',
      '" 127.0.0.1"',
      '"127\\u002e0.0.1"',
      '"127.0.0.1\\u0000"',
      '"\\udc00"',
      '2130706433',
      'null',
      '{}',
    ],
  },
  exposeToNetwork: { usual: ['false', 'true'], odd: ['null', '0', '"false"', '[]'] },
  updatedAt: {
    usual: [
      '"2025-09-08T12:35:12Z"',
      '"2025-09-08T12:35:13Z"',
      '"2025-09-08T12:34:56Z"',
      '"2026-03-01T00:00:00Z"',
    ],
    odd: [
      '"2025-09-08T12:35:12.250Z"',
      '"2025-09-08T12:35:12.123456789Z"',
      '"2025-09-08T14:35:12+02:00"',
      '"2025-09-08T12:35:12-00:00"',
      '"2025-09-08t12:35:12z"',
      '"2025-09-08 12:35:12Z"',
      '"2025-09-08T12:35:12"',
      '"2025-09-08"',
      '"2025-02-29T00:00:00Z"',
      '"2024-02-29T23:59:59.9Z"',
      '"2025-09-08T24:00:00Z"',
      '"2025-09-08T12:35:60Z"',
      '"1969-12-31T23:59:59.999Z"',
      '"0001-01-01T00:00:00Z"',
      '"9999-12-31T23:59:59Z"',
      '"yesterday"',
      '""',
      '"Mon, 08 Sep 2025 12:35:12 GMT"',
      '1757334912',
      'null',
      '"2025-09-08T12:35:12\\u005a"',
      '"\\ud800"',
    ],
  },
}

/** Unknown fields, some of which other parsers reject. */
const UNKNOWN = [
  '"version":"1.2.3"',
  '"pid":4711',
  '"big":1e400',
  '"surrogate":"\\ud800"',
  '"\\udfff":null',
  '"__proto__":{"health":"stopped"}',
  '"nested":{"health":"stopped","port":[{"a":[]}]}',
  '"long":123456789012345678901234567890',
  '"text":"{[\\"\\\\"',
  '"":""',
]

const WHITE_SPACE = ['', '', '', ' ', '\n', '\t ', '\r\n  ']

/**
 * Returns the bytes of one file.
 * @param {Random} random
 * @param {string} id
 */
function randomFile(random, id) {
  const members = randomMembers(random, id)
  const between = () => (random.chance(0.3) ? random.pick(WHITE_SPACE) : '')
  const spelled = members.map(
    ([key, raw]) => `${between()}${spelledKey(random, key)}${between()}:${between()}${raw}${between()}`,
  )
  if (random.chance(0.1)) spelled.splice(random.below(spelled.length + 1), 0, random.pick(UNKNOWN))
  if (random.chance(0.02)) spelled.push(`"deep":${nested(124 + random.below(6))}`)
  const bytes = Buffer.from(`${between()}{${spelled.join(',')}}${between()}`)
  return random.chance(0.06) ? damaged(random, bytes) : bytes
}

/**
 * @param {Random} random
 * @param {string} id
 * @returns {[string, string][]}
 */
function randomMembers(random, id) {
  const oddness = random.pick([0, 0, 0.05, 0.3])
  const value = (/** @type {keyof typeof VALUES} */ key) =>
    random.pick(VALUES[key][random.chance(oddness) ? 'odd' : 'usual'])
  const address = value('address')
  const port = value('port')
  /** @type {[string, string][]} */
  let members = [
    ['instanceId', random.chance(oddness) ? oddId(random) : JSON.stringify(id)],
    ['updatedAt', value('updatedAt')],
    ['health', value('health')],
    ['port', port],
    ['address', address],
    ['url', random.chance(oddness) ? oddUrl(random, address, port) : usualUrl(address, port)],
    ['exposeToNetwork', value('exposeToNetwork')],
  ]
  members = members.filter(() => !random.chance(oddness / 6))
  if (random.chance(oddness / 3) && members.length > 0) {
    const [key] = random.pick(members)
    members.push([key, random.pick(['null', '"again"', '1337', 'true', '"running"', '"10.0.0.7"'])])
  }
  return random.chance(0.5) ? members : random.shuffle(members)
}

/** @param {Random} random */
function oddId(random) {
  return random.pick([
    '"A"',
    '"A"',
    '"B"',
    '""',
    '"\u{1f995}"',
    '"\\ud83e\\udd95"',
    '"a\\u0000b"',
    '5',
    'null',
    'true',
    '"\\ud800"',
    '"../A"',
  ])
}

/**
 * @param {string} address raw JSON
 * @param {string} port raw JSON
 */
function usualUrl(address, port) {
  return `"http:\\/\\/${address.replaceAll('"', '')}:${port.replaceAll('"', '')}"`
}

/**
 * @param {Random} random
 * @param {string} address raw JSON
 * @param {string} port raw JSON
 */
function oddUrl(random, address, port) {
  const host = address.replaceAll('"', '')
  const number = port.replaceAll('"', '')
  return random.pick([
    `"http://${host}:${number}/"`,
    `"http://[${host}]:${number}/"`,
    `"http://${host}:${number}//"`,
    `"http://${host}:${number}/v1"`,
    `"HTTP://${host}:${number}/"`,
    `"https://${host}:${number}/"`,
    `"http://evil.example:${number}/"`,
    `"http://${host}:1/"`,
    `"http://a@${host}:${number}/"`,
    '"http://127.0.0.1:1337/"',
    '"\\ud800"',
    '""',
    'null',
    '1337',
  ])
}

/**
 * Returns a key in quotes, sometimes with an escape.
 * @param {Random} random
 * @param {string} key
 */
function spelledKey(random, key) {
  if (!random.chance(0.03)) return `"${key}"`
  const at = random.below(key.length)
  const escape = `\\u${key.charCodeAt(at).toString(16).padStart(4, '0')}`
  return `"${key.slice(0, at)}${escape}${key.slice(at + 1)}"`
}

/** @param {number} levels */
function nested(levels) {
  return '['.repeat(levels) + ']'.repeat(levels)
}

/**
 * Damages a file as a bad disk, editor or program would.
 * @param {Random} random
 * @param {Buffer} bytes
 */
function damaged(random, bytes) {
  const at = random.below(bytes.length)
  const flipped = Buffer.from(bytes)
  flipped[at] ^= 1 << random.below(8)
  return random.pick([
    bytes.subarray(0, at),
    flipped,
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
    Buffer.concat([bytes.subarray(0, at), Buffer.from([random.below(256)]), bytes.subarray(at)]),
    Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
    Buffer.concat([bytes, random.pick([bytes, Buffer.from('\0'), Buffer.from('\n'), Buffer.from(' #')])]),
    Buffer.concat([bytes, Buffer.alloc(65536 - bytes.length + random.below(3) - 1, ' ')]),
    Buffer.from(bytes.toString(), 'utf16le'),
  ])
}

module.exports = { randomFile }
