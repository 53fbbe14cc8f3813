// Draws a benchmark result as an SVG: time by number of instance directories, both axes logarithmic.
'use strict'

const WIDTH = 720
const HEIGHT = 400
const PLOT = { left: 74, top: 60, right: 560, bottom: 340 }

/** The lines, with a colour for each theme. */
const LINES = [
  { key: 'guideLatest', words: "guide's algorithm", light: '#b45309', dark: '#f59e0b' },
  { key: 'latest', words: 'latest', light: '#0f766e', dark: '#2dd4bf' },
  { key: 'latestSync', words: 'latest, sync', light: '#1d4ed8', dark: '#93c5fd' },
  { key: 'floor', words: 'bare system calls', light: '#6b7280', dark: '#9ca3af', dashed: true },
]

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2937 }
  .title { font-size: 15px; font-weight: 600 } .small { font-size: 11px } .grid { stroke: #d1d5db; stroke-width: 1 }
  .line { fill: none; stroke-width: 2.2 }
${LINES.map(({ key, light }) => `  .${key} { stroke: ${light} } text.${key} { fill: ${light}; stroke: none }`).join('\n')}
  @media (prefers-color-scheme: dark) {
    text { fill: #e5e7eb } .grid { stroke: #374151 }
${LINES.map(({ key, dark }) => `    .${key} { stroke: ${dark} } text.${key} { fill: ${dark}; stroke: none }`).join('\n')}
  }`

/** @param {number} us */
const words = (us) => (us < 1000 ? `${us} µs` : us < 1e6 ? `${us / 1000} ms` : `${us / 1e6} s`)

/**
 * Returns an SVG of a result of bench/run.js.
 * @param {any} result
 */
function drawSpeed(result) {
  const rows = result.scan.filter((/** @type {any} */ row) => row.directories > 0)
  const most = Math.max(...rows.map((/** @type {any} */ row) => Math.log10(row.directories)))
  const times = rows.flatMap((/** @type {any} */ row) => LINES.map(({ key }) => row.times[key].median))
  const low = Math.floor(Math.log10(Math.min(...times)))
  const high = Math.ceil(Math.log10(Math.max(...times)))
  const x = (/** @type {number} */ directories) =>
    PLOT.left + ((PLOT.right - PLOT.left) * Math.log10(directories)) / most
  const y = (/** @type {number} */ us) =>
    PLOT.bottom - ((PLOT.bottom - PLOT.top) * (Math.log10(us) - low)) / (high - low)

  const grid = []
  for (let power = low; power <= high; power++) {
    const at = y(10 ** power).toFixed(1)
    grid.push(`<path class="grid" d="M${PLOT.left} ${at}H${PLOT.right}"/>`)
    grid.push(
      `<text class="small" x="${PLOT.left - 8}" y="${Number(at) + 4}" text-anchor="end">${words(10 ** power)}</text>`,
    )
  }
  for (const { directories } of rows) {
    const at = x(directories).toFixed(1)
    grid.push(`<path class="grid" d="M${at} ${PLOT.top}V${PLOT.bottom}"/>`)
    grid.push(
      `<text class="small" x="${at}" y="${PLOT.bottom + 18}" text-anchor="middle">${directories}</text>`,
    )
  }
  const last = rows[rows.length - 1]
  /** @type {number[]} */
  const taken = []
  const lines = LINES.map(({ key, words, dashed }) => {
    const path = rows
      .map(
        (/** @type {any} */ row, /** @type {number} */ i) =>
          `${i === 0 ? 'M' : 'L'}${x(row.directories).toFixed(1)} ${y(row.times[key].median).toFixed(1)}`,
      )
      .join('')
    // A name is at the end of its line, below the previous one if both end at the same height.
    let at = y(last.times[key].median) + 4
    while (taken.some((other) => Math.abs(other - at) < 16)) at += 16
    taken.push(at)
    return `<path class="line ${key}"${dashed ? ' stroke-dasharray="5 4"' : ''} d="${path}"/>
  <text class="${key}" x="${PLOT.right + 10}" y="${at.toFixed(1)}">${words}</text>`
  })
  const { machine } = result
  const under = `${machine.cpu}, ${machine.system}, Node ${machine.node}${result.pinned ? ', one processor' : ''}; medians, ${result.date.slice(0, 10)}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title">
<title id="title">Time to find the latest running Osaurus by the number of instance directories, against the guide's algorithm and bare system calls</title>
<style>${STYLE}
</style>
  <text class="title" x="${PLOT.left}" y="24">Time to find the latest running Osaurus</text>
  <text class="small" x="${PLOT.left}" y="43">by the number of instance directories; both axes logarithmic, less is better</text>
  ${grid.join('\n  ')}
  <text class="small" x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 36}" text-anchor="middle">instance directories</text>
  ${lines.join('\n  ')}
  <text class="small" x="${PLOT.left}" y="${HEIGHT - 8}">${escapeText(under)}</text>
</svg>
`
}

/** @param {string} text */
const escapeText = (text) => text.replace(/[&<]/g, (sign) => (sign === '&' ? '&amp;' : '&lt;'))

module.exports = { drawSpeed }
