"""Turning texts into vectors with a sentence-transformers model.

`embedder` is the way in: a folder, and one of two ways to run it. `reference` runs it as it is; `compiled` runs what
was made of it once for this processor, four times as fast and without loading torch.
"""

from rag.embedding.embedder import SentenceTransformerEmbedder as SentenceTransformerEmbedder
from rag.embedding.remembering import Remembering as Remembering
