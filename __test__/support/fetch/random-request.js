// Generates arguments of fetch() at random: the same for two functions, since a body can be read only once.
'use strict'

const vm = require('node:vm')

/** @typedef {InstanceType<typeof import('../random.js').Random>} Random */

const BYTES = [0, 65, 66, 255, 128]
const anotherRealm = vm.createContext({})

/** What a body may be. Each gives a new one. @type {Record<string, () => any>} */
const BODIES = {
  none: () => undefined,
  null: () => null,
  'an empty string': () => '',
  'a string': () => 'größer 🦕\r\n',
  'a string with half of a surrogate pair': () => 'a\ud800b',
  'a String object': () => new String('text'),
  'a number': () => 42,
  'a bigint': () => 42n,
  'a boolean': () => false,
  'a symbol': () => Symbol('x'),
  'a plain object': () => ({ a: 1 }),
  'an array': () => [1, 2],
  'an object with toString': () => ({ toString: () => 'converted' }),
  'a Uint8Array': () => new Uint8Array(BYTES),
  'an empty Uint8Array': () => new Uint8Array(0),
  'a view of a part': () => new Uint8Array(BYTES).subarray(1, 3),
  'a DataView': () => new DataView(new Uint8Array(BYTES).buffer, 1, 2),
  'an ArrayBuffer': () => new Uint8Array(BYTES).buffer,
  'an ArrayBuffer of another realm': () => vm.runInContext('new Uint8Array([65, 66]).buffer', anotherRealm),
  'a Uint8Array of another realm': () => vm.runInContext('new Uint8Array([65, 66])', anotherRealm),
  'a Blob': () => new Blob(['blob'], { type: 'audio/wav' }),
  'a Blob without a type': () => new Blob(['blob']),
  'a File': () => new File(['file'], 'name.txt', { type: 'text/plain' }),
  URLSearchParams: () => new URLSearchParams({ a: '1 2', b: 'ü' }),
  FormData: () => {
    const form = new FormData()
    form.set('a"b', 'line\nline')
    form.append('file', new File(['content'], 'ünïcode".txt', { type: 'text/plain' }))
    form.append('file', new Blob(['two']))
    return form
  },
  'an empty FormData': () => new FormData(),
  'a stream': () => ReadableStream.from([Buffer.from('one'), Buffer.from('two')]),
}

const HEADERS = {
  none: () => undefined,
  'an object': () => ({ 'X-One': '1', 'x-two': ' 2 ' }),
  'a content type': () => ({ 'Content-Type': 'application/json' }),
  Headers: () => new Headers({ 'X-One': '1' }),
  pairs: () => [['X-One', '1']],
  'a name twice': () => [
    ['X-One', '1'],
    ['x-one', '2'],
    ['Cookie', 'a=1'],
    ['cookie', 'b=2'],
  ],
  'a Map': () => new Map([['X-One', '1']]),
  'a value that is a number': () => ({ 'X-One': 1 }),
}

const WRONG_HEADERS = {
  'a name that is none': () => ({ 'a b': '1' }),
  'a line break': () => ({ a: '1\n2' }),
  'a pair of three': () => [['a', '1', '2']],
  'a string': () => 'x-one: 1',
}

/** Without `patch`, which the standard sends as it is: Node's client of HTTP sends `PATCH`. */
const METHODS = [
  undefined,
  'GET',
  'get',
  'POST',
  'post',
  'PUT',
  'DELETE',
  'PATCH',
  'HEAD',
  'OPTIONS',
  'QUERY',
]

const WITH_BODY = ['POST', 'post', 'PUT', 'PATCH', 'DELETE']

const PATHS = [
  '/echo',
  '/echo?a=1&b=%20',
  '/echo/../echo/./x',
  '/echo/ü?ü=ü#fragment',
  '/echo//double',
  '/echo/%2e%2e/x',
  '/mirror',
  '/status?code=204',
  '/status?code=304',
  '/status?code=404',
  '/status?code=503',
  '/packed?coding=gzip',
  '/packed?coding=br',
  ...[301, 302, 303, 307, 308].map((code) => `/redirect?code=${code}&to=/echo%3Fredirected`),
  '/redirect?code=302&to=',
  '/redirect?code=300&to=/echo',
]

/**
 * @typedef {object} RandomRequest
 * @property {string} description
 * @property {boolean} hidesBody whether the body is that of a Request, which tells neither its length nor what it was made of
 * @property {boolean} isRedirected whether it is redirected, unless it forbids that
 * @property {(origin: string) => [input: any, init: any]} create
 */

/**
 * @param {Random} random
 * @returns {RandomRequest}
 */
function randomRequest(random) {
  const path = random.pick(PATHS)
  const form = random.pick(['string', 'URL', 'Request', 'Request and init'])
  const choices = () => {
    const body = random.pick(random.chance(0.3) ? ['none'] : Object.keys(BODIES))
    const hasBody = body !== 'none' && random.chance(0.8)
    // One wrong choice is enough to be refused.
    const wrong = random.chance(0.15) && random.pick(['method', 'headers', 'redirect', 'signal'])
    return {
      method:
        wrong === 'method'
          ? random.pick(['TRACE', 'connect', '', 'a b'])
          : random.pick(hasBody ? WITH_BODY : METHODS),
      headers: random.pick(Object.keys(wrong === 'headers' ? WRONG_HEADERS : HEADERS)),
      body,
      redirect: wrong === 'redirect' ? 'other' : random.pick([undefined, 'follow', 'error', 'manual']),
      duplex: random.chance(0.8),
      signal:
        wrong === 'signal'
          ? 'wrong'
          : random.pick(['none', 'none', 'null', 'idle', random.chance(0.2) ? 'aborted' : 'none']),
    }
  }
  const own = choices()
  const override = choices()
  // The fetch of Node 26 leaves a rejection unhandled when a call with one of these is aborted.
  if ([own, override].some(({ body }) => /Blob|File|FormData/.test(body)))
    for (const each of [own, override]) if (each.signal === 'aborted') each.signal = 'idle'
  const omitted = ['method', 'headers', 'body', 'redirect', 'signal'].filter(() => random.chance(0.5))
  const hidesBody =
    form === 'Request' ||
    (form === 'Request and init' &&
      (omitted.includes('body') || override.body === 'none' || override.body === 'null'))
  return {
    hidesBody,
    isRedirected: path.startsWith('/redirect'),
    description: JSON.stringify({
      path,
      form,
      own,
      ...(form === 'Request and init' && { override, omitted }),
    }),
    create(origin) {
      const url = origin + path
      if (form === 'string') return [url, initOf(own)]
      if (form === 'URL') return [new URL(url), initOf(own)]
      const request = new Request(url, initOf(own))
      if (form === 'Request') return [request, undefined]
      const init = initOf(override)
      for (const name of omitted) delete init[name]
      return [request, init]
    },
  }
}

/**
 * @param {any} choices
 * @returns {any}
 */
function initOf({ method, headers, body, redirect, duplex, signal }) {
  const signals = {
    none: undefined,
    null: null,
    idle: new AbortController().signal,
    aborted: AbortSignal.abort(new RangeError('aborted')),
    wrong: {},
  }
  return {
    method,
    headers: /** @type {any} */ ({ ...HEADERS, ...WRONG_HEADERS })[headers](),
    body: BODIES[body](),
    redirect,
    signal: /** @type {any} */ (signals)[signal],
    ...(duplex && { duplex: 'half' }),
  }
}

module.exports = { randomRequest }
