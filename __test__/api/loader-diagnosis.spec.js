// Tests how the loader explains causes that cannot be created for real.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')

const { BUILDS, loadAddon } = require('../../lib/addon/load.js')
const { addonMissing } = require('../../lib/addon/missing.js')
const { PROJECT } = require('../support/run-node.js')

/**
 * A `require` that fails for every id.
 * @param {Error} error
 * @returns {any}
 */
const failingRequire = (error) => () => {
  throw error
}

test('the error explains the signature where macOS refuses it', () => {
  const refusal = new Error(
    'dlopen(…): code signature in (…) not valid for use in process: different Team IDs',
  )
  assert.throws(() => loadAddon('darwin-arm64', PROJECT, failingRequire(refusal)), {
    code: 'OSAURUS_ADDON_MISSING',
    message: /different Team IDs\nmacOS refuses the file because of its signature\. Sign every \.node file/,
  })
})

/** @type {import('../../lib/addon/facts.js').Runtime} */
const RUNTIME = {
  hasPermissionModel: false,
  isDeno: false,
  isBunExecutable: false,
  isPnp: false,
  libc: 'glibc',
}

/**
 * Causes that other tests do not create for real; tests of the packages create those of Deno, Bun and executables.
 * @type {{ name: string, error?: Error & { code?: string }, runtime?: Partial<typeof RUNTIME>, root?: string, says: RegExp }[]}
 */
const CASES = [
  {
    name: 'an addon that the permission model may not read',
    error: Object.assign(new Error('Access to this API has been restricted'), { code: 'ERR_ACCESS_DENIED' }),
    says: /--allow-addons --allow-fs-read=/,
  },
  {
    name: 'Deno without --allow-ffi',
    error: Object.assign(new Error('Requires ffi access'), { name: 'NotCapable' }),
    runtime: { isDeno: true, libc: undefined },
    says: /on linux-x64\.\n[^]*deno run --allow-read --allow-ffi$/,
  },
  {
    name: 'a single executable application',
    error: Object.assign(new Error('No such built-in module'), { code: 'ERR_UNKNOWN_BUILTIN_MODULE' }),
    root: '/nowhere',
    says: /single executable application[^]*createRequire\(process\.execPath\)/,
  },
  {
    name: 'an executable that Bun compiled',
    runtime: { isBunExecutable: true },
    root: '/nowhere',
    says: /bun build --compile[^]*createRequire\(process\.execPath\)/,
  },
  {
    name: 'a bundle of Rollup',
    error: new Error('Could not dynamically require "osaurus-discovery-linux-x64-gnu".'),
    root: '/nowhere',
    says: /bundled into a file of \/nowhere[^]*Rollup, Vite: external: \[/,
  },
  {
    name: 'an addon for the other C library',
    error: Object.assign(new Error('ld-linux-x86-64.so.2: No such file'), { code: 'ERR_DLOPEN_FAILED' }),
    runtime: { libc: 'musl' },
    says: /\(musl\)\.[^]*made for another platform[^]*osaurus-discovery-linux-x64-musl@/,
  },
  {
    name: 'a file system without execution',
    error: new Error('/x.node: failed to map segment from shared object'),
    says: /mount option noexec/,
  },
  {
    name: 'a file that this user may not read',
    error: new Error('/x.node: cannot open shared object file: Permission denied'),
    says: /The user of this process may not read [^]*Give that user read access to[^]*directories above it\.$/,
  },
  {
    name: 'an old glibc',
    error: new Error("/lib64/libc.so.6: version `GLIBC_2.17' not found (required by /x.node)"),
    says: /C library of this system is too old/,
  },
  {
    name: 'a process without file descriptors',
    error: new Error('/x.node: cannot open shared object file: Too many open files'),
    says: /no file descriptor left/,
  },
  {
    name: 'an error that it does not know',
    error: new Error('Something new'),
    says: /refuses to load it for the reason above\. If the reason suggests[^]*npm ci$/,
  },
]

for (const { name, error, runtime, root = PROJECT, says } of CASES) {
  test(`the error explains ${name}`, () => {
    const id = 'osaurus-discovery-linux-x64-gnu'
    const attempts = [{ build: 'linux-x64-gnu', place: `package ${id}`, id, error }]
    const search = {
      platform: 'linux-x64',
      root,
      builds: BUILDS['linux-x64'],
      attempts,
      platforms: [],
      load: require,
    }
    const { message, cause, code } = addonMissing(search, test, { ...RUNTIME, ...runtime })
    assert.equal(code, 'OSAURUS_ADDON_MISSING')
    assert.equal(cause, error)
    assert.match(message, says)
    if (error) assert.ok(message.includes(`${id}: ${error.message}`), message)
  })
}
