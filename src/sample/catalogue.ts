import type { Random } from './random.ts'

export interface Product {
  readonly id: string
  readonly name: string
  readonly category: Category
  readonly cents: number
  readonly costCents: number
  readonly tags: readonly string[]
}

export const categories = ['indoor plants', 'outdoor plants', 'seeds', 'pots', 'tools', 'furniture'] as const
export type Category = (typeof categories)[number]

/** Names with the quotes, commas, accents and emoji that real catalogues hold. */
const shelves: Readonly<Record<Category, readonly [cents: number, names: readonly string[]]>> = {
  'indoor plants': [
    2400,
    [
      'Monstera deliciosa',
      'Calathea "Orbifolia"',
      'Café au Lait ficus',
      'Peace lily',
      'Aloe vera',
      'String of hearts 💚',
    ],
  ],
  'outdoor plants': [
    1900,
    [
      'Lavender ‘Hidcote’',
      'Climbing rose, yellow',
      'Japanese maple',
      'Hydrangea "Annabelle"',
      'Box ball 30 cm',
      'Olive tree',
    ],
  ],
  seeds: [
    390,
    [
      'Tomato ‘Black Cherry’',
      'Chilli "Lemon Drop" 🌶️',
      "Runner bean 'Painted Lady'",
      'Wildflower mix, bees',
      'Basil',
      'Sunflower',
    ],
  ],
  pots: [
    1800,
    [
      'Terracotta pot 20 cm',
      'Glazed pot "Siena"',
      'Balcony box, 80 cm',
      'Zinc bucket',
      'Self-watering pot',
      'Kokedama',
    ],
  ],
  tools: [
    3200,
    [
      "Gardener's knife",
      'Secateurs',
      'Hand trowel',
      'Hose, 25 m',
      'Watering can 9 l',
      'Spade "Old Faithful"',
    ],
  ],
  furniture: [
    14900,
    ['Bistro table', 'Folding chair', 'Raised bed, larch', 'Potting bench', 'Hammock', 'Cold frame'],
  ],
}

const sizes = ['', ' small', ' medium', ' large'] as const

/** The shop's 144 products, the same for every seed. */
export const products: readonly [Product, ...Product[]] = stockShelves()

function stockShelves(): [Product, ...Product[]] {
  const stocked = categories.flatMap((category, shelf) => {
    const [cents, names] = shelves[category]
    return names.flatMap((name, place) =>
      sizes.map((size, step): Product => {
        const price = Math.round(cents * (0.5 + place * 0.23) * (1 + step * 0.45)) - (place % 2)
        const tags = [
          ...(shelf < 3 ? ['living'] : ['durable']),
          ...(place % 3 === 0 ? ['bestseller'] : []),
          ...(step === 0 && place % 2 === 1 ? ['sale'] : []),
        ]
        const number = shelf * 100 + place * 10 + step
        const id = `prd_${1000 + number}`
        return { id, name: name + size, category, cents: price, costCents: Math.round(price * 0.58), tags }
      }),
    )
  })
  const [first, ...rest] = stocked
  if (first === undefined) throw new Error('the catalogue is empty')
  return [first, ...rest]
}

/** A product, three times out of five from the favourite category; the front of a shelf sells best. */
export function chooseProduct(random: Random, favourite: Category): Product {
  const category = random.chance(0.6) ? favourite : random.pick(categories)
  const perCategory = products.length / categories.length
  const place = Math.floor(random.unit() ** 1.8 * perCategory)
  return products[categories.indexOf(category) * perCategory + place] ?? products[0]
}

/** Cents as an amount with two decimals. */
export function money(cents: number): string {
  return (cents / 100).toFixed(2)
}
