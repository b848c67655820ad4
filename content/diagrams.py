"""The product's own drawings (assets/images/diagrams), by file name."""

DIAGRAMS = [
    ("graduated-approach", "The graduated approach: assess, plan, do, review"),
    ("who-does-what", "Who does what around a child"),
    ("referral-path", "The path of a referral"),
    ("local-offer-map", "A map of the Local Offer"),
]
