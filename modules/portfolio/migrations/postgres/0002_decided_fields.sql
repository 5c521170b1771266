-- What a person decided of a product: an import doesn't change it until it is given back.
CREATE TABLE product_decided (
    product_id UUID NOT NULL REFERENCES product (id),
    field TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (product_id, field)
);
