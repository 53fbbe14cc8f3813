// How do programs get here that come in Python wheels? Into the user's cache folder, once for each version.
'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { run } = require('./run.js')

/**
 * @param {string[]} requirements as in `name==1.0.0` or `name==1.0.0 --hash=sha256:…`
 * @returns {string} the folder that they are in
 */
function bringWheels(requirements) {
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  const names = requirements.map((each) => each.split(' ')[0].replace('==', '-'))
  const home = path.join(cache, 'osaurus-discovery', names.join('-'))
  if (fs.existsSync(home)) return home

  fs.mkdirSync(path.dirname(home), { recursive: true })
  const scratch = fs.mkdtempSync(`${home}-`)
  try {
    const list = path.join(scratch, 'requirements.txt')
    fs.writeFileSync(list, requirements.join('\n'))
    const pip = [
      '-m',
      'pip',
      '--quiet',
      '--disable-pip-version-check',
      'install',
      '--root-user-action=ignore',
    ]
    const whole = path.join(scratch, 'whole')
    run('python3', [...pip, '--no-deps', '--target', whole, '-r', list])
    // Put together beside its place, so that a half of it is never taken for the whole.
    fs.renameSync(whole, home)
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true })
  }
  return home
}

module.exports = { bringWheels }
