// Lists the expressions that this project does not use, and what to write instead.
'use strict'

/**
 * @typedef {object} Rule
 * @property {RegExp} pattern with the flag g; letter case is ignored only where the pattern says so
 * @property {string} use what to write instead
 */

/** @type {Rule[]} */
const RULES = [
  { pattern: /\banew\b/gi, use: 'again' },
  { pattern: /\bfor ever\b/gi, use: 'forever, or a limit' },
  { pattern: /\bmend(s|ed|ing)?\b/gi, use: 'fix' },
  { pattern: /\bin vain\b/gi, use: 'without success, or the failure itself' },
  { pattern: /\bin peace\b/gi, use: 'the fact, such as "sends no requests"' },
  { pattern: /\bas (it|they) should\b/gi, use: 'the expected behaviour' },
  { pattern: /\b(am|is|are|was|were|be|been|being) told\b/gi, use: 'receives, or is notified' },
  { pattern: /\btell(s|ing)? of\b/gi, use: 'reports' },
  { pattern: /\b(hear(s|d)?|learn(s|ed)?) of\b/gi, use: 'detects, or receives' },
  { pattern: /\bheard\b/gi, use: 'received' },
  {
    pattern: /\b(nobody|somebody|whoever)\b/g,
    use: 'the subject itself, such as "no process" or "another program"',
  },
  {
    pattern: /\b(Nobody|Somebody|Whoever)\b/g,
    use: 'the subject itself, such as "no process" or "another program"',
  },
  {
    pattern: /(?<!\b[Tt]here )\b(is|are|was|were) no (?!longer\b|such\b|more than\b)[a-z]+/g,
    use: '"is not a"',
  },
  { pattern: /\bdoors?\b/gi, use: 'entry point' },
  { pattern: /\brooms?\b/gi, use: 'module' },
  { pattern: /\bfolders?\b/gi, use: 'directory' },
  { pattern: /\bstrangers?\b/gi, use: 'another program, or a server that is not Osaurus' },
  { pattern: /\b(is|are|was|were|be|been|being) asked\b/gi, use: 'is probed, is requested, or is queried' },
  { pattern: /\blook(s|ed|ing)? at\b/gi, use: 'scan, read, inspect, or check' },
  { pattern: /\bany more\b/gi, use: 'no longer' },
  { pattern: /\bby way of\b/gi, use: 'through, or via' },
  { pattern: /\bon the way\b/gi, use: 'along the path, or on the way to it' },
  { pattern: /\btroubles?\b/gi, use: 'problem, or error' },
  { pattern: /\bwithout end\b/gi, use: 'endless' },
  { pattern: /\btaken? for\b/gi, use: 'mistaken for, or counted as' },
]

/**
 * Occurrences that are right: a text that a line has, in the files that match, and why.
 * @type {{ files: RegExp, text: RegExp, reason: string }[]}
 */
const ALLOWED = [
  {
    files: /^(CHANGELOG|README|docs\/|lib\/|src\/|index\.d\.ts|__test__\/)/,
    text: /Osaurus folder cannot be read/,
    reason: 'the beginning of a message that is part of the contract',
  },
  { files: /./, text: /['"`(]nobody['"`)]|\buser nobody\b/i, reason: 'the name of a Unix user' },
  { files: /^src\/watch\//, text: /has room for/, reason: 'space in a buffer' },
  { files: /./, text: /withFileTypes|showOpenDialog/, reason: 'names of Node and Electron' },
  {
    files:
      /^(docs\/sandboxed-apps\.md|electron\.d\.ts|lib\/electron\/sandboxed-runtime\.js|__test__\/electron\/)/,
    text: /(choose|chosen|chose|right|select|open|Osaurus|same|another|whole|this|that|the) folder|folder (dialog|picker)/i,
    reason: 'macOS calls it a folder in the dialog that the user sees',
  },
]

/** Files whose words are not ours, or that list the words. */
const EXCLUDED = [
  /^LICENSE$/,
  /^(scripts\/words\.js|__test__\/robust\/words\.spec\.js)$/,
  /(^|\/)(package-lock\.json|Cargo\.lock)$/,
  /^fuzz\/corpus\//,
  /\.(png|node)$/,
]

module.exports = { ALLOWED, EXCLUDED, RULES }
