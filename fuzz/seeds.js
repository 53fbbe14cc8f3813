// Writes the seeds of each fuzz target.
//
// They are the numbered files of fuzz/corpus/<target>. The other files there were found by fuzzing and are kept.
//
//   node fuzz/seeds.js
'use strict'

const fs = require('node:fs')
const path = require('node:path')

/** @type {{ name: string, text?: string, hex?: string }[]} */
const cases = JSON.parse(
  fs.readFileSync(path.join(__dirname, '..', '__test__', 'fixtures', 'cases.json'), 'utf8'),
)

/** Files that take different paths through the parser. libFuzzer finds variations of them. */
const files = cases
  .filter(({ text, hex }) => (text ?? hex ?? '').length < 600)
  .filter((_, index) => index % 12 === 0)
  .map(({ text, hex }) => (text === undefined ? Buffer.from(hex ?? '', 'hex') : Buffer.from(text)))

const times = [
  '2025-09-08T12:35:12Z',
  '2025-09-08t12:35:12.123456789z',
  '2024-02-29 23:59:60+23:59',
  '0000-12-31T00:00:00.1-00:00',
  '9999-12-31T23:59:59.999-23:59',
]

const port = '\u0005\u0039' // 1337
const addresses = [
  '127.0.0.1\nhttp://127.0.0.1:1337/',
  '0.0.0.0',
  '::',
  '::1\nhttp://[::1]:1337',
  'fe80::1:ffff:1.2.3.4',
  'my-mac_2.local.',
  '1.2.3.0x1f',
]

const body = 'Osaurus Server is running! 🦕'
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const responses = [
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 30\r\n\r\n${body}`,
  `${chunked}7\r\nOsaurus\r\n17\r\n Server is running! 🦕\r\n0\r\n\r\n`,
  `${chunked}19\r\nOsaurus Server is runningXX`,
  `HTTP/1.0 500 Oops\n\n${body}`,
  'SSH-2.0-OpenSSH_9.2\r\n',
]

const orders = [
  '\0\0\0\0\0\u0001\u0001\u0001\u0001\u0001\u0003\u0002',
  'abcdefghijklmnopqrstuvwxyz0123456789',
]

/** @type {Record<string, (string | Buffer)[]>} */
const seeds = {
  address: addresses.map((text) => port + text),
  response: responses,
  file: files,
  order: orders,
  time: times,
}

for (const [target, values] of Object.entries(seeds)) {
  const directory = path.join(__dirname, 'corpus', target)
  fs.mkdirSync(directory, { recursive: true })
  for (const name of fs.readdirSync(directory).filter((each) => /^\d\d$/.test(each)))
    fs.rmSync(path.join(directory, name))
  for (const [index, value] of values.entries()) {
    fs.writeFileSync(path.join(directory, String(index + 1).padStart(2, '0')), value)
  }
}
