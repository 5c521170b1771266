startups-nav = State start-ups
