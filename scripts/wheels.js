// Installs programs that come in Python wheels into the user's cache directory, once for each version.
'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { run } = require('./run.js')

/**
 * @param {string[]} requirements such as `name==1.0.0` or `name==1.0.0 --hash=sha256:…`
 * @returns {string} the directory that contains them
 */
function installWheels(requirements) {
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
    const complete = path.join(scratch, 'complete')
    run('python3', [...pip, '--no-deps', '--target', complete, '-r', list])
    // Installed beside its destination first, so that an interrupted installation is never used.
    fs.renameSync(complete, home)
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true })
  }
  return home
}

module.exports = { installWheels }
