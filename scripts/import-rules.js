// Declares which files may import which, in JavaScript and in Rust.
'use strict'

/**
 * @typedef {object} Group
 * @property {string} name
 * @property {RegExp} files the files of the group, relative to the project
 * @property {RegExp[]} mayImport the project's files that they may import, beside those of their own group
 * @property {string} rule the same in words
 */

/** Every file that is published belongs to the first group that matches. @type {Group[]} */
const JAVASCRIPT = [
  {
    name: 'preload',
    files: /^preload\.js$/,
    mayImport: [],
    rule: 'preload.js imports only electron, because a sandboxed preload script cannot load files',
  },
  {
    name: 'entry points',
    files: /^[^/]+\.js$/,
    mayImport: [/^lib\/(?!cli\/)/],
    rule: 'entry points import lib/, but not the command line',
  },
  {
    name: 'lib/cli',
    files: /^lib\/cli\//,
    mayImport: [
      /^(index|testing|fetch|network)\.js$/,
      /^lib\/(defaults|errors|suggest)\.js$/,
      /^package\.json$/,
    ],
    rule: 'the command line uses the public entry points, and of lib/ only defaults, errors and suggest',
  },
  {
    name: 'lib/fake',
    files: /^lib\/fake\//,
    mayImport: [/^lib\/[^/]+\.js$/],
    rule: 'the fake imports only the modules directly in lib/',
  },
  {
    name: 'lib/electron',
    files: /^lib\/electron\//,
    mayImport: [/^lib\/[^/]+\.js$/, /^lib\/client\//],
    rule: 'lib/electron imports the modules directly in lib/ and lib/client',
  },
  {
    name: 'lib/client',
    files: /^lib\/client\//,
    mayImport: [/^lib\/[^/]+\.js$/, /^lib\/addon\//, /^package\.json$/],
    rule: 'lib/client imports the modules directly in lib/ and lib/addon',
  },
  {
    name: 'lib/network',
    files: /^lib\/network\//,
    mayImport: [/^lib\/[^/]+\.js$/],
    rule: 'lib/network imports only the modules directly in lib/',
  },
  {
    name: 'lib/addon',
    files: /^lib\/addon\//,
    mayImport: [/^lib\/(defaults|errors)\.js$/, /^package\.json$/],
    rule: 'lib/addon imports only lib/defaults.js and lib/errors.js',
  },
  {
    name: 'lib',
    files: /^lib\/[^/]+\.js$/,
    mayImport: [/^lib\/addon\//],
    rule: 'modules directly in lib/ import one another and lib/addon',
  },
]

/**
 * The modules of the crate's root, from the top layer down. A module imports modules of its own layer and of those below it.
 */
const RUST = [
  { layer: 'bindings for Node', modules: ['node'] },
  { layer: 'watching', modules: ['watch', 'network'] },
  { layer: 'discovery', modules: ['discover', 'report'] },
  { layer: 'snapshots', modules: ['snapshot', 'verify', 'access'] },
  { layer: 'options', modules: ['options'] },
  { layer: 'sources', modules: ['sources', 'probe'] },
  { layer: 'candidates', modules: ['candidate', 'rank', 'diff', 'directory'] },
  { layer: 'values', modules: ['address', 'json', 'outcome', 'error', 'cancel', 'kept_thread', 'system'] },
]

/** Crates that only the bindings may use. */
const NODE_CRATES = ['napi', 'napi_derive', 'napi_build']

/** Modules for tests only, which may import anything. */
const RUST_TESTS = ['properties']

module.exports = { JAVASCRIPT, NODE_CRATES, RUST, RUST_TESTS }
