import { expect, test } from 'vitest'
import { behaviours } from './table.ts'

test('the table holds at least 60 behaviours, each said in a sentence of its own', () => {
  const sentences = behaviours.map(({ says }) => says)
  expect(sentences.length).toBeGreaterThanOrEqual(60)
  expect(sentences.filter((sentence, index) => sentences.indexOf(sentence) !== index)).toEqual([])
})
