// Opens the Osaurus app. Tests replace the members of this object, and nothing else.
'use strict'

/** The path is constant: a program of the same name elsewhere on PATH is never run. */
const OPEN = '/usr/bin/open'

/** -g opens the app in the background. Without -n, a running app is not started a second time. */
const ARGUMENTS = ['-g', '-b', 'com.dinoki.osaurus']

/** When /usr/bin/open counts as hung. It returns as soon as the app begins to start, and later calls must not wait for it. */
const HANGS_AFTER_MS = 30_000

const opener = {
  platform: process.platform,

  /** @returns {Promise<{ exitCode: number, stderr: string }>} rejects if the program cannot be run */
  open() {
    // Loaded here, since few programs start Osaurus. It is part of Node.js, so no descriptor is needed.
    const { execFile } = require('child_process')
    return new Promise((resolve, reject) => {
      execFile(OPEN, ARGUMENTS, { timeout: HANGS_AFTER_MS }, (error, _, stderr) => {
        const exitCode = error ? error.code : 0
        if (typeof exitCode === 'number') resolve({ exitCode, stderr })
        else reject(error)
      })
    })
  },
}

module.exports = opener
