"""The questions that every due diligence begins with: one on each area."""

from __future__ import annotations

from shared.events.scoring_diligence import DiligenceItem

QUESTIONS = {
    "finance": "How are they doing: revenue, margin, cash, debt, and on whom do they depend?",
    "capability_reality": "Can they do today what they say they can? Who has seen it?",
    "trajectory": "Where are they heading in the next three years, and does it lead towards us or away?",
    "references": "What do their present and former partners say of them?",
    "decision_process": "Who decides, at what level, how long does it take, in which planning cycle?",
    "success": "What is success for them, and how do they measure it?",
    "relationship_owner": "Who owns the relationship on their side, and with what influence?",
    "exit_triggers": "When would they leave?",
    "data_sharing": "Which data will they share, and which never?",
    "intellectual_property": "What do they expect to own: of what they bring, and of what is made together?",
    "security_and_compliance": "Do they meet what we must meet, and who has attested it?",
    "delivery_capacity": "Do they have the people and the time, next to everything else they have promised?",
    "single_points_of_failure": "Which one person, or one system, does it all hang on?",
    "future_competitor": "What would they have learned in three years, and could they then do without us?",
    "pilot": "What was tried together on a small scale, and what came of it?",
}
"""By area, which is the key of its shipped item too."""

AREAS = tuple(QUESTIONS)
SHIPPED_ITEMS = tuple(DiligenceItem(area, area, question) for area, question in QUESTIONS.items())
