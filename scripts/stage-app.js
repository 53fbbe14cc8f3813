// Copies an app with the package in its node_modules, as npm installs it, addon included.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')

/**
 * @param {string} app the app's directory
 * @param {string} destination a directory that does not exist yet
 */
function stageApp(app, destination) {
  fs.cpSync(app, destination, { recursive: true, filter: (file) => path.basename(file) !== 'node_modules' })
  const modules = path.join(destination, 'node_modules', 'osaurus-discovery')
  fs.mkdirSync(modules, { recursive: true })
  const { files } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
  const addons = fs.readdirSync(root).filter((name) => name.endsWith('.node'))
  if (addons.length === 0) throw new Error('The addon is not built: run `npm run setup` first')
  for (const name of ['package.json', ...files, ...addons])
    if (fs.existsSync(path.join(root, name)))
      fs.cpSync(path.join(root, name), path.join(modules, name), { recursive: true })
}

module.exports = { stageApp }
