type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number]

/** Left, bottom, right, top, on the page. */
type Box = readonly [left: number, bottom: number, right: number, top: number]

const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0]
/** More than this many painted places are all of the page. */
const MOST_BOXES = 2000
/** Of a point: a baseline may lie on the edge of what is painted. */
const MARGIN = 1
/** A picture fills a square of 1 that is drawn as large as it is; a form has its size in itself. */
const SMALLEST_PICTURE = 2

/** What a page of a PDF has painted, in any colour but white, and whether that lies under the text that comes next. */
export class Ground {
  #page = IDENTITY
  readonly #kept: Matrix[] = []
  #line = IDENTITY
  #leading = 0
  #path: Box | null = null
  readonly #boxes: Box[] = []
  #isEverywhere: boolean

  /** @param isForm it is drawn onto something else */
  constructor(isForm: boolean) {
    this.#isEverywhere = isForm
  }

  /** Something is painted where the next text begins. */
  get isUnder(): boolean {
    if (this.#isEverywhere) return true
    const [, , , , e, f] = this.#line
    const [x, y] = at(this.#page, e, f)
    return this.#boxes.some(
      ([left, bottom, right, top]) =>
        x >= left - MARGIN && x <= right + MARGIN && y >= bottom - MARGIN && y <= top + MARGIN,
    )
  }

  /** One operator with what stands before it. */
  take(operator: string, numbers: readonly number[], isWhite: boolean): void {
    const [x = 0, y = 0, third = 0, fourth = 0] = numbers
    switch (operator) {
      case 'q':
        this.#kept.push(this.#page)
        break
      case 'Q':
        this.#page = this.#kept.pop() ?? this.#page
        break
      case 'cm':
        this.#page = times(matrixOf(numbers), this.#page)
        break
      case 'BT':
        this.#line = IDENTITY
        break
      case 'Tm':
        this.#line = matrixOf(numbers)
        break
      case 'TL':
        this.#leading = x
        break
      case 'TD':
        this.#leading = -y
        this.#move(x, y)
        break
      case 'Td':
        this.#move(x, y)
        break
      case 'T*':
      case "'":
      case '"':
        this.#move(0, -this.#leading)
        break
      case 're':
        this.#path = this.#with(this.#path, [x, y, x + third, y, x, y + fourth, x + third, y + fourth])
        break
      case 'm':
      case 'l':
      case 'c':
      case 'v':
      case 'y':
        this.#path = this.#with(this.#path, numbers)
        break
      case 'f':
      case 'F':
      case 'f*':
      case 'B':
      case 'B*':
      case 'b':
      case 'b*':
        if (this.#path && !isWhite) this.#paint(this.#path)
        this.#path = null
        break
      case 'n':
      case 'S':
      case 's':
        this.#path = null
        break
      case 'Do':
      case 'BI':
        this.#picture()
        break
      case 'sh':
        this.#isEverywhere = true
    }
  }

  #move(x: number, y: number): void {
    this.#line = times([1, 0, 0, 1, x, y], this.#line)
  }

  /** That place, and these points too. */
  #with(box: Box | null, numbers: readonly number[]): Box | null {
    let whole = box
    for (let i = 0; i + 1 < numbers.length; i += 2) {
      const [x, y] = at(this.#page, numbers[i] ?? 0, numbers[i + 1] ?? 0)
      const [left, bottom, right, top] = whole ?? [x, y, x, y]
      whole = [Math.min(left, x), Math.min(bottom, y), Math.max(right, x), Math.max(top, y)]
    }
    return whole
  }

  #picture(): void {
    const box = this.#with(null, [0, 0, 1, 0, 0, 1, 1, 1])
    if (!box) return
    const [left, bottom, right, top] = box
    if (Math.max(right - left, top - bottom) < SMALLEST_PICTURE) this.#isEverywhere = true
    else this.#paint(box)
  }

  #paint(box: Box): void {
    this.#boxes.push(box)
    if (this.#boxes.length > MOST_BOXES) this.#isEverywhere = true
  }
}

function matrixOf(numbers: readonly number[]): Matrix {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = numbers
  return [a, b, c, d, e, f]
}

/** First the one, then the other. */
function times([a, b, c, d, e, f]: Matrix, second: Matrix): Matrix {
  const [g, h, i, j] = second
  const [x, y] = at(second, e, f)
  return [a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, x, y]
}

function at([a, b, c, d, e, f]: Matrix, x: number, y: number): readonly [x: number, y: number] {
  return [a * x + c * y + e, b * x + d * y + f]
}
