import { expect, test } from 'vitest'
import { snakeCase } from '../../../src/compiler/sources/source-table.ts'

test.each([
  ['Order Completed', 'order_completed'],
  ['orderCompleted', 'order_completed'],
  ['HTTPServer started', 'http_server_started'],
  ['page.url', 'page_url'],
  ['already_snake', 'already_snake'],
  ['  Spaces -- and dashes ', 'spaces_and_dashes'],
])('%s is %s in the warehouse', (name, column) => {
  expect(snakeCase(name)).toBe(column)
})
