// Objects that come and go: a binary tree, virtual methods, and what the garbage collector makes of them.
class Node {
  left: Node | null = null;
  right: Node | null = null;
  constructor(public value: i32) {}
  insert(value: i32): void {
    if (value < this.value) {
      if (this.left === null) this.left = new Node(value);
      else this.left!.insert(value);
    } else if (this.right === null) this.right = new Node(value);
    else this.right!.insert(value);
  }
  sum(depth: i32): i64 {
    let total: i64 = (this.value as i64) * depth;
    if (this.left !== null) total += this.left!.sum(depth + 1);
    if (this.right !== null) total += this.right!.sum(depth + 1);
    return total;
  }
}

abstract class Shape {
  abstract area(): f64;
}
class Circle extends Shape {
  constructor(public radius: f64) {
    super();
  }
  area(): f64 {
    return Math.PI * this.radius * this.radius;
  }
}
class Square extends Shape {
  constructor(public side: f64) {
    super();
  }
  area(): f64 {
    return this.side ** 2;
  }
}

export function run(): string {
  let total: i64 = 0;
  let area = 0.0;
  for (let round = 0; round < 20; round++) {
    const root = new Node(500);
    let x: u32 = round;
    for (let i = 0; i < 300; i++) {
      x = x * 1103515245 + 12345;
      root.insert((x >> 16) % 1000);
    }
    total += root.sum(1);
    const shape: Shape = round % 2 ? new Circle(round / 3.0) : new Square(round / 7.0);
    area += shape.area();
  }
  return total.toString() + " " + area.toString();
}
