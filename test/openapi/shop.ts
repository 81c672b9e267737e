import { z } from "zod";
import {
  App,
  bearerToken,
  bytes,
  cookie,
  error,
  form,
  header,
  json,
  middleware,
  query,
  text,
} from "../../src/index.ts";

/** Every kind of declaration that an OpenAPI document can tell of. */

export const NotFound = error(404, "product_not_found", "There is no such product.");
export const Archived = error(404, "product_archived");
const OutOfStock = error(409, "out_of_stock");
const Unauthorized = error(401, "token_missing", "Send Authorization: Bearer with a token.");
const TooMany = error(429, "rate_limited");

const Money = z.object({ amount: z.number(), currency: z.enum(["EUR", "USD"]) }).meta({
  id: "Money",
  examples: [{ amount: 12.5, currency: "EUR" }],
});
const Product = z
  .object({
    id: z.number().int().positive(),
    name: z.string().min(1).max(80),
    price: Money,
    tags: z.array(z.string()).default([]),
    addedAt: z.date(),
  })
  .meta({ id: "Product", description: "What can be bought." });
const NewProduct = Product.omit({ id: true, addedAt: true }).meta({ title: "NewProduct" });

export interface Category {
  name: string;
  parts: Category[];
}
const Category: z.ZodType<Category> = z.object({
  name: z.string(),
  get parts() {
    return z.array(Category);
  },
});
const Node = z
  .object({
    value: z.string(),
    get next() {
      return Node.optional();
    },
  })
  .meta({ id: "Node" });

const signedIn = middleware("signed-in", (_c, next) => next(), {
  security: {
    bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
    session: { type: "apiKey", in: "cookie", name: "sid" },
  },
  errors: [Unauthorized],
});
const apiKey = middleware("api-key", (_c, next) => next(), {
  security: { key: { type: "apiKey", in: "header", name: "X-Key" } },
});
const limited = middleware("rate-limit", (_c, next) => next(), { errors: [TooMany] });

const never = (): never => {
  throw new NotFound();
};

const admin = new App()
  .use(signedIn, apiKey)
  .delete("/products/:id{\\d+}", { errors: [NotFound], deprecated: true }, never)
  .put(
    "/products/:id{\\d+}/photo",
    { params: z.object({ id: z.coerce.number().int() }), body: bytes("image/png", "image/jpeg") },
    never,
  )
  .post(
    "/import",
    {
      body: [json(z.array(NewProduct)), text(), form(z.object({ list: z.file() }))],
      tags: ["stock"],
    },
    never,
  );

export const shop = new App()
  .get("/", () => "welcome")
  .use(limited)
  .get(
    "/products",
    {
      name: "listProducts",
      summary: "Products, by page",
      description: "Sorted by **name**.",
      tags: ["products"],
      query: z.object({
        page: z.coerce.number().int().min(1).default(1).describe("Counted from 1"),
        sort: z.enum(["name", "price"]).optional().meta({ deprecated: true }),
        tag: z.array(z.string()).optional(),
        since: z.coerce.date().optional(),
        most: z.coerce.bigint().optional(),
      }),
      headers: z.object({
        "accept-language": z.string().optional(),
        authorization: z.string().optional(),
      }),
      cookies: z.object({ currency: z.string().length(3).optional() }),
      returns: z.object({ items: z.array(Product), total: z.number().int() }),
      timeout: "5s",
    },
    never,
  )
  .post(
    "/products",
    {
      tags: ["products", "stock"],
      body: NewProduct,
      returns: { 201: Product, 202: z.object({ ticket: z.uuid() }) },
      errors: [OutOfStock],
      use: [signedIn],
    },
    never,
  )
  .get(
    "/products/:id{\\d+}",
    {
      params: z.object({ id: z.coerce.number().int().positive() }),
      returns: Product,
      errors: [NotFound, Archived],
    },
    never,
  )
  .patch(
    "/products/:key{\\d+}",
    { body: NewProduct.partial().optional(), returns: { 204: z.undefined() } },
    never,
  )
  .get("/categories/:name?", { returns: Category }, never)
  .put("/tree", { body: Node, returns: z.object({ nodes: z.array(Node) }) }, never)
  .get("/forest", { returns: z.object({ roots: z.array(Category) }) }, never)
  .get("/files/*path", () => "a file")
  .post("/echo/:word{a|b}", { body: text() }, never)
  .get(
    "/odd",
    {
      query: z.looseObject({ q: z.string() }),
      returns: z.object({
        big: z.bigint(),
        set: z.set(z.string()),
        map: z.map(z.string(), z.number()),
        text: z.string().transform((value) => value.length),
        custom: z.custom<symbol>(() => true),
        nothing: z.undefined(),
      }),
    },
    never,
  )
  .get(
    "/mine",
    {
      query: z.object({ page: z.string().optional() }),
      with: {
        token: bearerToken(),
        locale: header("Accept-Language"),
        page: query("page", z.coerce.number()),
        size: query("size", z.coerce.number().int().default(20).describe("How many")),
        cart: cookie("cart", z.uuid()),
        own: (c) => c.ip,
      },
    },
    ({ vars }) => `${vars.token} ${vars.size.toFixed()}`,
  )
  .head("/tree", never)
  .on("PURGE")("/products", never)
  .all("/anything", () => "undeclared")
  .all("/hook", { summary: "Whatever comes" }, never)
  .get("/hidden", { documented: false }, never)
  .get("/products/:slug{[a-z]+}", { summary: "Has the shape of another" }, never)
  .route("/admin", admin)
  .host(
    "status.example.com",
    new App().get("/up", () => "yes"),
  )
  .host(
    "*.example.com",
    new App().get("/tenant", () => "yes"),
  );
