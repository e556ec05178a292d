"""What can go wrong with an evaluation, each a sentence for the person.

MusicError
└── EvaluationError      the data or the wish does not allow this evaluation
    └── UnsuitedError    one model cannot work on this data; the others go on without it
"""
