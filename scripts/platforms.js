// Lists the platforms with a compiled addon, and what npm needs to know to install the right one.
'use strict'

/**
 * @typedef {object} Platform
 * @property {string} build as in `osaurus-discovery-<build>` and `osaurus-discovery.<build>.node`, by the convention of napi-rs
 * @property {string} target the Rust target
 * @property {NodeJS.Platform} os
 * @property {NodeJS.Architecture} cpu
 * @property {'glibc' | 'musl'} [libc]
 * @property {string} title its name in its README and description
 */

/** @type {Platform[]} */
const PLATFORMS = [
  {
    build: 'darwin-arm64',
    target: 'aarch64-apple-darwin',
    os: 'darwin',
    cpu: 'arm64',
    title: 'macOS 11 or later on Apple silicon',
  },
  {
    build: 'darwin-x64',
    target: 'x86_64-apple-darwin',
    os: 'darwin',
    cpu: 'x64',
    title: 'macOS 11 or later on Intel',
  },
  {
    build: 'linux-x64-gnu',
    target: 'x86_64-unknown-linux-gnu',
    os: 'linux',
    cpu: 'x64',
    libc: 'glibc',
    title: 'Linux on x64 with glibc 2.17 or later',
  },
  {
    build: 'linux-arm64-gnu',
    target: 'aarch64-unknown-linux-gnu',
    os: 'linux',
    cpu: 'arm64',
    libc: 'glibc',
    title: 'Linux on arm64 with glibc 2.17 or later',
  },
  {
    build: 'linux-x64-musl',
    target: 'x86_64-unknown-linux-musl',
    os: 'linux',
    cpu: 'x64',
    libc: 'musl',
    title: 'Linux on x64 with musl, such as Alpine',
  },
  {
    build: 'linux-arm64-musl',
    target: 'aarch64-unknown-linux-musl',
    os: 'linux',
    cpu: 'arm64',
    libc: 'musl',
    title: 'Linux on arm64 with musl, such as Alpine',
  },
  {
    build: 'win32-x64-msvc',
    target: 'x86_64-pc-windows-msvc',
    os: 'win32',
    cpu: 'x64',
    title: 'Windows on x64',
  },
  {
    build: 'win32-arm64-msvc',
    target: 'aarch64-pc-windows-msvc',
    os: 'win32',
    cpu: 'arm64',
    title: 'Windows on arm64',
  },
]

/** @param {Platform} platform */
const packageName = ({ build }) => `osaurus-discovery-${build}`

/** @param {Platform} platform */
const addonFile = ({ build }) => `osaurus-discovery.${build}.node`

module.exports = { PLATFORMS, addonFile, packageName }
