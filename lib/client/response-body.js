// Reads the body of a response chunk by chunk, in every version of Node alike.
'use strict'

const zlib = require('zlib')

const { connectionLost } = require('./errors.js')

/**
 * @typedef {import('stream').Readable} Readable
 * @typedef {(error: unknown, chunk?: Buffer | null) => void} OnChunk `chunk` is null at the end
 */

/** Decodes what was received even if the server cut the compressed data short, as browsers do. */
const LENIENT = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH }
const LENIENT_BROTLI = {
  flush: zlib.constants.BROTLI_OPERATION_FLUSH,
  finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
}

/**
 * The body of one response. While the body is not read, the connection is not read either, which holds the server back.
 *
 * Refers to its reader only while a read is pending, so that a reader that was dropped can be garbage-collected.
 */
class ResponseBody {
  /**
   * @param {import('http').IncomingMessage} message
   * @param {InstanceType<typeof import('./call.js').Call>} call
   */
  constructor(message, call) {
    this.message = message
    this.call = call
    this.ended = false
    /** Whether it is being read, or has a stream that can be. */
    this.isOpened = false
    /** @type {unknown} */
    this.failure = undefined
    /** @type {OnChunk | undefined} */
    this.pending = undefined
    /** Called when the body is aborted while no read is pending. @type {((error: unknown) => void) | undefined} */
    this.onAbort = undefined
    /** @type {Readable} */
    this.source = message
    const check = () => this.checkComplete()
    message.on('end', check)
    message.on('error', check)
    message.on('aborted', check)
    message.on('close', check)
    this.listening = false
  }

  /** Decompresses the body according to its `content-encoding`. */
  decode() {
    const codings = String(this.message.headers['content-encoding'] || '')
      .toLowerCase()
      .split(',')
      .map((coding) => coding.trim())
      .filter(Boolean)
    const decoders = codings.reverse().map(createDecoder)
    if (decoders.length === 0 || decoders.includes(undefined)) return
    for (const decoder of /** @type {import('stream').Transform[]} */ (decoders)) {
      decoder.on('error', (error) => this.fail(error))
      this.source = this.source.pipe(decoder)
    }
    this.source.on('end', () => this.finish())
  }

  /**
   * Gives the next chunk, at once if it has arrived already. One read at a time.
   * @param {OnChunk} onChunk
   */
  read(onChunk) {
    const chunk = this.source.read()
    if (chunk !== null) return onChunk(null, chunk)
    if (this.failure !== undefined) return onChunk(this.failure)
    if (this.ended) return onChunk(null, null)
    this.pending = onChunk
    // Only the end of a message that has arrived is missing, which has an event of its own.
    if (this.listening || (this.source === this.message && this.message.complete)) return
    this.listening = true
    this.source.on('readable', () => this.settle())
  }

  settle() {
    const { pending } = this
    if (!pending) return
    this.pending = undefined
    this.read(pending)
  }

  checkComplete() {
    if (!this.message.complete)
      return this.fail(connectionLost(this.call, 'while it was sending the response'))
    if (this.source === this.message && this.message.readableLength === 0) this.finish()
  }

  finish() {
    if (this.ended) return
    this.ended = true
    // A server may respond without having read the whole request; what is left of it keeps the connection busy.
    const { req } = /** @type {{ req?: import('http').ClientRequest }} */ (
      /** @type {unknown} */ (this.message)
    )
    this.call.finish(!req || !req.writableFinished)
    this.settle()
  }

  /** @param {unknown} error */
  fail(error) {
    if (this.ended || this.failure !== undefined) return
    this.failure = error
    this.call.finish(true)
    this.settle()
  }

  /** @param {unknown} reason */
  abort(reason) {
    if (this.ended || this.failure !== undefined) return
    const { onAbort, pending } = this
    this.source = EMPTY
    this.fail(reason)
    if (!pending && onAbort) onAbort(reason)
  }

  /** Reads the rest and drops it. */
  drain() {
    this.source.resume()
  }
}

/** The rest of an aborted body is no longer read. */
const EMPTY = /** @type {Readable} */ (/** @type {unknown} */ ({ read: () => null, on() {}, resume() {} }))

/** @param {string} coding */
function createDecoder(coding) {
  if (coding === 'gzip' || coding === 'x-gzip') return zlib.createGunzip(LENIENT)
  if (coding === 'deflate') return zlib.createInflate(LENIENT)
  if (coding === 'br') return zlib.createBrotliDecompress(LENIENT_BROTLI)
}

module.exports = { ResponseBody }
