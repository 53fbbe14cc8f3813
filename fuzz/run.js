// Fuzzes the properties with libFuzzer.
//
//   npm run fuzz                          every target for a minute
//   npm run fuzz -- 600 file response     these targets for ten minutes each
//
// Builds as cargo-fuzz does, with coverage of LLVM and AddressSanitizer, but with the stable toolchain. A finding is written to
// fuzz/artifacts/<target>, and the exit code is 1. Once it is fixed, move it to fuzz/corpus/<target>, which `cargo test` reads.
'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { run } = require('../scripts/run.js')

const [seconds = '60', ...named] = process.argv.slice(2)
const known = fs.readdirSync(path.join(__dirname, 'fuzz_targets')).map((name) => path.parse(name).name)
const unknown = named.find((name) => !known.includes(name))
if (unknown !== undefined || !/^[1-9]\d*$/.test(seconds)) {
  console.error(`usage: npm run fuzz -- [SECONDS] [${known.join('|')}]...`)
  process.exit(2)
}

/** The host. Passing it as the target builds build scripts and procedural macros without sanitizers. */
const platform = /^host: (.*)$/m.exec(spawnSync('rustc', ['-vV'], { encoding: 'utf8' }).stdout)?.[1] ?? ''
const flags = [
  '--cfg fuzzing -Cdebug-assertions -Ccodegen-units=1 -Zsanitizer=address -Cpasses=sancov-module',
  ...['level=4', 'inline-8bit-counters', 'pc-table', 'trace-compares'].map(
    (each) => `-Cllvm-args=-sanitizer-coverage-${each}`,
  ),
]
const manifest = path.join(__dirname, 'Cargo.toml')
run('cargo', ['build', '--quiet', '--release', '--target', platform, '--manifest-path', manifest], {
  env: { ...process.env, RUSTC_BOOTSTRAP: '1', RUSTFLAGS: flags.join(' ') },
})

const target = process.env.CARGO_TARGET_DIR ?? path.join(__dirname, 'target')
let failed = false
for (const name of named.length > 0 ? named : known) {
  const found = path.join(__dirname, 'found', name)
  const artifacts = path.join(__dirname, 'artifacts', name) + path.sep
  for (const directory of [found, artifacts]) fs.mkdirSync(directory, { recursive: true })
  const args = [
    `-max_total_time=${seconds}`,
    `-max_len=${name === 'response' ? 512 : 4096}`,
    `-artifact_prefix=${artifacts}`,
    '-print_final_stats=1',
    '-print_funcs=0',
    '-verbosity=0',
  ]
  console.log(`${name}: ${seconds} s, from the corpus and what earlier runs found`)
  const binary = path.join(target, platform, 'release', name)
  const { status } = spawnSync(binary, [...args, found, path.join(__dirname, 'corpus', name)], {
    stdio: 'inherit',
  })
  if (status !== 0) failed = true
}
process.exitCode = failed ? 1 : 0
