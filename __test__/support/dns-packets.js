// Writes multicast DNS responses byte by byte, valid or not, as RFC 1035 and RFC 6763 have them.
'use strict'

/** @typedef {{ name: Buffer, type: number, ttl: number, data: Buffer, flush?: boolean }} DnsRecord */

const TYPES = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33 }
const CLASS_IN = 1
const CACHE_FLUSH = 0x8000
const TTL = 120

/** Encodes labels, each as it is, so that a label may contain dots and any other byte. @param {(string | Buffer)[]} labels */
const dnsName = (...labels) =>
  Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([Buffer.byteLength(label)]), Buffer.from(label)]),
    Buffer.from([0]),
  ])

/** @param {DnsRecord} record */
function encodeRecord({ name, type, ttl, data, flush = false }) {
  const head = Buffer.alloc(10)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(CLASS_IN | (flush ? CACHE_FLUSH : 0), 2)
  head.writeUInt32BE(ttl, 4)
  head.writeUInt16BE(data.length, 8)
  return Buffer.concat([name, head, data])
}

/** A response with these records as its answers. @param {DnsRecord[]} records */
function dnsResponse(records) {
  const header = Buffer.alloc(12)
  header.writeUInt16BE(0x8400, 2)
  header.writeUInt16BE(records.length, 6)
  return Buffer.concat([header, ...records.map(encodeRecord)])
}

/** @param {string} host the labels before `local`, joined by dots @param {string} address IPv4 @param {number} [ttl] @returns {DnsRecord} */
const addressRecord = (host, address, ttl = TTL) => ({
  name: dnsName(...host.split('.'), 'local'),
  type: TYPES.A,
  ttl,
  data: Buffer.from(address.split('.').map(Number)),
})

/**
 * The records that advertise one agent or machine.
 * @param {{ instance: string | Buffer, type?: string, host: string, address?: string, port?: number, txt?: (string | Buffer)[], ttl?: number }} service
 * @returns {DnsRecord[]}
 */
function serviceRecords({ instance, type = '_osaurus', host, address, port = 1337, txt = [''], ttl = TTL }) {
  const typeName = [type, '_tcp', 'local']
  const name = dnsName(instance, ...typeName)
  const srv = Buffer.alloc(6)
  srv.writeUInt16BE(port, 4)
  const strings = txt.map((text) =>
    Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]),
  )
  return [
    { name: dnsName(...typeName), type: TYPES.PTR, ttl, data: name },
    { name, type: TYPES.SRV, ttl, data: Buffer.concat([srv, dnsName(...host.split('.'), 'local')]) },
    { name, type: TYPES.TXT, ttl, data: Buffer.concat(strings) },
    ...(address ? [addressRecord(host, address, ttl)] : []),
  ]
}

module.exports = { addressRecord, dnsName, dnsResponse, encodeRecord, serviceRecords }
