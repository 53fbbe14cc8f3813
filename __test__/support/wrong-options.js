// Lists wrong options, and the words in which Node rejects them.
'use strict'

/**
 * @typedef {object} Wrong
 * @property {string} name
 * @property {unknown} options
 * @property {string} code
 * @property {string | RegExp} message
 * @property {boolean} [asyncOnly] the Sync functions say it in other words
 */

class Foo {}
function named() {}
const TYPE = 'ERR_INVALID_ARG_TYPE'
const VALUE = 'ERR_INVALID_ARG_VALUE'
const RANGE = 'ERR_OUT_OF_RANGE'

const options = (/** @type {string} */ got) =>
  `The "options" argument must be of type object. Received ${got}`
const baseDir = (/** @type {string} */ got) =>
  `The "options.baseDir" property must be of type string. Received ${got}`
const legacyDirs = (/** @type {string} */ got) =>
  `The "options.legacyDirs" property must be of type boolean. Received ${got}`
const signal = (/** @type {string} */ got) =>
  `The "options.signal" property must be an instance of AbortSignal. Received ${got}`

/** @type {Wrong[]} */
const WRONG = [
  { name: 'options null', options: null, code: TYPE, message: options('null') },
  { name: 'options a string', options: '/tmp', code: TYPE, message: options("type string ('/tmp')") },
  { name: 'options a number', options: 5, code: TYPE, message: options('type number (5)') },
  { name: 'options true', options: true, code: TYPE, message: options('type boolean (true)') },
  { name: 'options a function', options: named, code: TYPE, message: options('function named') },
  { name: 'options an array', options: ['/tmp'], code: TYPE, message: options('an instance of Array') },
  { name: 'options a symbol', options: Symbol('x'), code: TYPE, message: options('type symbol (Symbol(x))') },

  { name: 'baseDir a number', options: { baseDir: 5 }, code: TYPE, message: baseDir('type number (5)') },
  { name: 'baseDir null', options: { baseDir: null }, code: TYPE, message: baseDir('null') },
  {
    name: 'baseDir false',
    options: { baseDir: false },
    code: TYPE,
    message: baseDir('type boolean (false)'),
  },
  { name: 'baseDir a bigint', options: { baseDir: 1n }, code: TYPE, message: baseDir('type bigint (1n)') },
  {
    name: 'baseDir a Buffer',
    options: { baseDir: Buffer.from('/') },
    code: TYPE,
    message: baseDir('an instance of Buffer'),
  },
  {
    name: 'baseDir a URL',
    options: { baseDir: new URL('file:///') },
    code: TYPE,
    message: baseDir('an instance of URL'),
  },
  {
    name: 'baseDir an object',
    options: { baseDir: new Foo() },
    code: TYPE,
    message: baseDir('an instance of Foo'),
  },
  {
    name: 'baseDir an object without prototype',
    options: { baseDir: Object.create(null) },
    code: TYPE,
    message: baseDir('[Object: null prototype] {}'),
  },
  {
    name: 'baseDir empty',
    options: { baseDir: '' },
    code: VALUE,
    message: /^The property 'options\.baseDir' .*absolute.*\. Received ''$/,
  },
  {
    name: 'baseDir relative',
    options: { baseDir: 'runtime' },
    code: VALUE,
    message: /^The property 'options\.baseDir' .*absolute.*\. Received 'runtime'$/,
  },
  {
    name: 'baseDir relative with dots',
    options: { baseDir: './runtime' },
    code: VALUE,
    message: /absolute.*Received '\.\/runtime'$/,
  },
  {
    name: 'baseDir with a tilde',
    options: { baseDir: '~/.osaurus/runtime' },
    code: VALUE,
    message: /absolute path; .*os\.homedir\(\).*Received '~\/\.osaurus\/runtime'$/,
  },
  {
    name: 'baseDir a file URL',
    options: { baseDir: 'file:///tmp' },
    code: VALUE,
    message: /absolute.*Received 'file:\/\/\/tmp'$/,
  },
  {
    name: 'baseDir with a NUL byte',
    options: { baseDir: '/tmp\0/x' },
    code: VALUE,
    message: "The property 'options.baseDir' must be a path without null bytes. Received '/tmp\\x00/x'",
  },

  {
    name: 'legacyDirs a string',
    options: { legacyDirs: 'yes' },
    code: TYPE,
    message: legacyDirs("type string ('yes')"),
  },
  { name: 'legacyDirs 1', options: { legacyDirs: 1 }, code: TYPE, message: legacyDirs('type number (1)') },
  { name: 'legacyDirs null', options: { legacyDirs: null }, code: TYPE, message: legacyDirs('null') },
  {
    name: 'legacyDirs true beside baseDir',
    options: { baseDir: '/tmp', legacyDirs: true },
    code: VALUE,
    message: /^The property 'options\.legacyDirs' .*options\.baseDir.*\. Received true$/,
  },

  {
    name: 'an unknown option',
    options: { recursive: true },
    code: VALUE,
    message: /^The property 'options\.recursive' .*option.*baseDir.*\. Received true$/,
  },
  {
    name: 'an option in other letters',
    options: { basedir: '/tmp' },
    code: VALUE,
    message: /'options\.basedir' .*Did you mean 'baseDir'\?.*Received '\/tmp'$/,
  },
  {
    name: 'an option with two letters swapped',
    options: { baseDri: '/tmp' },
    code: VALUE,
    message: /Did you mean 'baseDir'\?/,
  },
  {
    name: 'an option of the wrong number',
    options: { legacyDir: true },
    code: VALUE,
    message: /Did you mean 'legacyDirs'\?/,
  },
  {
    name: 'an unknown option that is undefined',
    options: { recursive: undefined },
    code: VALUE,
    message: /Received undefined$/,
  },
  {
    name: 'an option of Object.prototype',
    options: { toString: 1 },
    code: VALUE,
    message: /^The property 'options\.toString' .*option.*baseDir/,
  },
  {
    name: 'an option called __proto__',
    options: JSON.parse('{"__proto__":{}}'),
    code: VALUE,
    message: /^The property 'options\.__proto__' .*option.*baseDir/,
  },
  {
    name: 'an option of waitForRunningInstance',
    options: { timeoutMs: 5 },
    code: VALUE,
    message:
      /^The property 'options\.timeoutMs' is not a known option\. It is an option of waitForRunningInstance\. .*baseDir/,
  },
  {
    name: 'an option of watchInstances',
    options: { persistent: false },
    code: VALUE,
    message: /It is an option of watchInstances\./,
  },

  {
    name: 'signal a string',
    options: { signal: 'abort' },
    code: TYPE,
    message: signal("type string ('abort')"),
    asyncOnly: true,
  },
  { name: 'signal null', options: { signal: null }, code: TYPE, message: signal('null'), asyncOnly: true },
  {
    name: 'signal an object',
    options: { signal: {} },
    code: TYPE,
    message: signal('an instance of Object'),
    asyncOnly: true,
  },
  {
    name: 'signal that keeps its listeners forever',
    options: { signal: { aborted: false, addEventListener() {} } },
    code: TYPE,
    message: signal('an instance of Object'),
    asyncOnly: true,
  },
  {
    name: 'signal a controller',
    options: { signal: new AbortController() },
    code: TYPE,
    message: signal('an instance of AbortController'),
    asyncOnly: true,
  },
  {
    name: 'verify a string',
    options: { verify: 'true' },
    code: TYPE,
    message: `The "options.verify" property must be of type boolean. Received type string ('true')`,
    asyncOnly: true,
  },
  {
    name: 'probeTimeoutMs a string',
    options: { probeTimeoutMs: '500' },
    code: TYPE,
    message: `The "options.probeTimeoutMs" property must be of type number. Received type string ('500')`,
    asyncOnly: true,
  },
  ...[0, 0.999, -1, 60000.001, 1e9, Infinity, -Infinity, NaN].map((probeTimeoutMs) => ({
    name: `probeTimeoutMs ${probeTimeoutMs}`,
    options: { verify: true, probeTimeoutMs },
    code: RANGE,
    message: `The value of "options.probeTimeoutMs" is out of range. It must be >= 1 && <= 60000. Received ${probeTimeoutMs}`,
    asyncOnly: true,
  })),
]

module.exports = { WRONG }
