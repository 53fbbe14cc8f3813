// The window for the access key: hands what was entered to the main process, and shows what is wrong with it.
'use strict'

document.getElementById('key-form')?.addEventListener('submit', async (event) => {
  event.preventDefault()
  const input = /** @type {HTMLInputElement} */ (document.getElementById('key'))
  const problem = await /** @type {any} */ (window).example.saveKey(input.value)
  if (problem) /** @type {HTMLElement} */ (document.getElementById('problem')).textContent = problem
})
document.addEventListener('keydown', ({ key }) => key === 'Escape' && window.close())
