// Tests that the check of imports finds what its rules forbid.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')

const { checkJavascript, checkRust, expandBraces } = require('../../scripts/check-imports.js')

/** @param {Record<string, string>} files */
const map = (files) => new Map(Object.entries(files))

describe('imports of JavaScript', () => {
  test('an import towards the core is allowed', () => {
    const files = map({
      'index.js': "const load = require('./lib/addon/load.js')",
      'lib/addon/load.js': "const { osaurusError } = require('../errors.js')",
      'lib/errors.js': '',
    })
    assert.deepEqual(checkJavascript(files), [])
  })

  test('an import of an entry point by a module of lib/ is reported with its line', () => {
    const files = map({
      'index.js': '',
      'lib/wait.js': "'use strict'\nconst discovery = require('../index.js')",
    })
    const [{ place, says }] = checkJavascript(files)
    assert.equal(place, 'lib/wait.js:2')
    assert.match(says, /^imports index\.js: modules directly in lib\/ import one another/)
  })

  test('an import of the fake by the command line is reported', () => {
    const files = map({ 'lib/cli/run.js': "require('../fake/server.js')", 'lib/fake/server.js': '' })
    assert.match(checkJavascript(files)[0].says, /^imports lib\/fake\/server\.js: the command line uses/)
  })

  test('any import of a file by the preload script is reported', () => {
    const files = map({ 'preload.js': "require('./lib/errors.js')", 'lib/errors.js': '' })
    assert.match(checkJavascript(files)[0].says, /a sandboxed preload script cannot load files/)
  })

  test('a cycle is reported with the files it goes through, also where the import is inside a function', () => {
    const files = map({
      'lib/a.js': "require('./b.js')",
      'lib/b.js': "require('./c.js')",
      'lib/c.js': "const late = () => require('./a.js')",
    })
    assert.deepEqual(checkJavascript(files), [
      {
        place: 'lib/c.js:1',
        says: 'closes an import cycle: lib/a.js -> lib/b.js -> lib/c.js -> lib/a.js',
      },
    ])
  })

  test('types in comments are not imports', () => {
    const files = map({
      'lib/a.js': "/** @type {import('./b.js').B} */\nlet b // require('./b.js')",
      'lib/b.js': "require('./a.js')",
    })
    assert.deepEqual(checkJavascript(files), [])
  })

  test('an import statement and import() count as require() does', () => {
    const files = map({
      'lib/addon/a.js': "import { b } from '../wait.js'\nconst c = await import('../wait.js')",
      'lib/wait.js': '',
    })
    assert.deepEqual(
      checkJavascript(files).map(({ place }) => place),
      ['lib/addon/a.js:1', 'lib/addon/a.js:2'],
    )
  })

  test('a file in no group is reported', () => {
    assert.match(checkJavascript(map({ 'tools/a.js': '' }))[0].says, /no group/)
  })
})

describe('imports of Rust', () => {
  test('the use of a lower layer is allowed, and so is that of a parent by its parts', () => {
    const files = map({
      'src/lib.rs': 'mod watch;',
      'src/watch.rs': 'mod feed;\nuse feed::Feed;',
      'src/watch/feed.rs': 'use super::WatchId;\nuse crate::error::Error;',
      'src/error.rs': '',
    })
    assert.deepEqual(checkRust(files), [])
  })

  test('the use of a higher layer is reported with its line', () => {
    const files = map({
      'src/probe.rs': '//! Probes.\n\nuse crate::{error::Error, watch::Event};',
      'src/watch.rs': '',
    })
    assert.deepEqual(checkRust(files), [
      { place: 'src/probe.rs:3', says: 'uses watch: the layer "sources" is below "watching"' },
    ])
  })

  test('a path outside of a use declaration counts, and a comment does not', () => {
    const files = map({
      'src/probe.rs': '// See crate::watch.\nfn f() {\n    crate::watch::start();\n}',
      'src/watch.rs': '',
    })
    assert.deepEqual(
      checkRust(files).map(({ place }) => place),
      ['src/probe.rs:3'],
    )
  })

  test('a cycle between the parts of a module is reported', () => {
    const files = map({
      'src/watch.rs': '',
      'src/watch/channel.rs': 'use super::verifier::Verifier;',
      'src/watch/verifier.rs': 'use super::channel::Channel;',
    })
    assert.match(
      checkRust(files)[0].says,
      /watch\/channel\.rs -> src\/watch\/verifier\.rs -> src\/watch\/channel\.rs/,
    )
  })

  test('unit tests may use anything', () => {
    const files = map({
      'src/error.rs': 'pub enum Error {}\n\n#[cfg(test)]\nmod tests {\n    use crate::watch::Event;\n}\n',
      'src/discover/tests.rs': 'use crate::watch::Event;',
      'src/watch.rs': '',
      'src/discover.rs': '',
    })
    assert.deepEqual(checkRust(files), [])
  })

  test('the use of napi outside of the bindings is reported', () => {
    const files = map({
      'src/error.rs': '//! Errors.\nimpl From<Error> for napi::Error {}',
      'src/node.rs': 'use napi::Env;',
    })
    assert.deepEqual(checkRust(files), [
      { place: 'src/error.rs:2', says: 'uses a crate for Node: only src/node.rs and src/node/ may' },
    ])
  })

  test('a module in no layer is reported', () => {
    assert.match(checkRust(map({ 'src/misc.rs': '' }))[0].says, /no layer/)
  })

  test('nested braces expand into one path each', () => {
    assert.deepEqual(expandBraces('crate::{a::{b, c::d}, e as f}'), [
      'crate::a::b',
      'crate::a::c::d',
      'crate::e as f',
    ])
  })
})
