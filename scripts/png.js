// Encodes pictures of windows as PNG files with a palette, a quarter of the size of those that Electron writes.
'use strict'

const zlib = require('node:zlib')

const MAX_COLOURS = 256

/**
 * @param {Buffer} pixels four bytes each: blue, green, red, and the opacity, which is ignored
 * @param {number} width
 * @param {number} height
 */
function encodePng(pixels, width, height) {
  const colours = countColours(pixels)
  const byFrequency = [...colours].sort(([a, m], [b, n]) => n - m || a - b).map(([colour]) => colour)
  // A window has few colours, and text many blends of two of them. The rarest get the most similar frequent one.
  const palette = byFrequency.slice(0, MAX_COLOURS)
  const indexes = new Map(byFrequency.map((colour) => [colour, nearest(palette, colour)]))

  const rows = Buffer.alloc((width + 1) * height) // The first byte of a row is its filter, none.
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      rows[y * (width + 1) + x + 1] = Number(indexes.get(pixels.readUIntLE((y * width + x) * 4, 3)))

  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8) // Eight bits a pixel, a palette, the only methods that exist, not interlaced.
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((colour) => channels(colour)))),
    chunk('IDAT', zlib.deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** @param {Buffer} pixels */
function countColours(pixels) {
  /** @type {Map<number, number>} */
  const counts = new Map()
  for (let at = 0; at < pixels.length; at += 4) {
    const colour = pixels.readUIntLE(at, 3)
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  return counts
}

/** @param {number} colour @returns {[red: number, green: number, blue: number]} */
const channels = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]

/** @param {number[]} palette @param {number} colour @returns {number} an index */
function nearest(palette, colour) {
  const [red, green, blue] = channels(colour)
  const distances = palette.map((each) => {
    const [r, g, b] = channels(each)
    return (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2
  })
  return distances.indexOf(Math.min(...distances))
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** zlib.crc32() exists since Node.js 20.15. @param {Buffer} data */
function crc32(data) {
  let crc = 0xffffffff
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

module.exports = { encodePng }
