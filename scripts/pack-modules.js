// Converts the CommonJS modules of lib/ into ES modules, which esbuild joins into one scope instead of wrapping each in a function.
//
// V8 reads the body of a function twice, when it meets it and when it calls it, so wrapped modules cost half as much again.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')

/** The last statement of a module: what it exports, by the names that it has inside. */
const EXPORTS = /^module\.exports = (\{[\w\s,]*\})$/m

/** `const { a, b: c } = require('./file.js')` at the top level. */
const NAMED_IMPORT = /^const (\{[\w\s,:]*\}) = (?:\/\*\*.*?\*\/ )?\(?require\('(\.[^']+)'\)\)?$/gm

/** `const name = require('./file.js')` at the top level. */
const WHOLE_IMPORT = /^const (\w+) = require\('(\.[^']+)'\)$/gm

/** Comments for TypeScript. esbuild keeps those inside of classes and expressions, with the paths of files that are not published. */
const TYPES = /(?<=^|[\s(])\/\*\*[^]*?\*\/ ?/gm

/**
 * Converts a module.
 * @param {string} file
 * @param {readonly string[]} bundled the files that are bundled: each goes on exporting by `module.exports`
 */
function toEsModule(file, bundled) {
  const source = fs.readFileSync(file, 'utf8')
  /** @param {string} id */
  const isConverted = (id) => {
    const required = path.resolve(path.dirname(file), id)
    return !bundled.includes(required) && (required.endsWith('.json') || isConvertible(required))
  }
  return source
    .replace(NAMED_IMPORT, (statement, names, id) =>
      isConverted(id) ? `import ${names.replace(/(\w+): (\w+)/g, '$1 as $2')} from '${id}'` : statement,
    )
    .replace(WHOLE_IMPORT, (statement, name, id) =>
      isConverted(id) ? `import * as ${name} from '${id}'` : statement,
    )
    .replace(EXPORTS, (statement, names) => (bundled.includes(file) ? statement : `export ${names}`))
    .replace(TYPES, '')
    .replace(/\b__dirname\b/g, bundled.includes(file) ? '__dirname' : directoryInBundle(file))
}

/**
 * The directory of a module, in a bundle that is in the directory of the package.
 * @param {string} file
 */
function directoryInBundle(file) {
  const directory = path.relative(root, path.dirname(file)).replaceAll(path.sep, '/')
  return `require('path').join(__dirname, '${directory}')`
}

/** @param {string} file */
const isConvertible = (file) => EXPORTS.test(fs.readFileSync(file, 'utf8'))

module.exports = { toEsModule }
